import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import type { Properties, ResourceNode, Value } from "../graph/model.js";
import { joinPath } from "../graph/values.js";
import type { Rule } from "../rules/rule.js";
import { outcomes } from "./judge.js";

/**
 * The rules as policies of a Pulumi policy pack. They advise; a team makes one mandatory in the pack's configuration
 * (`pulumi preview --policy-pack policies --policy-pack-config FILE`).
 */
export function resourcePolicies(rules: readonly Rule[]): ResourceValidationPolicy[] {
  return rules.map((rule) => ({
    name: rule.id,
    description: `${rule.statement} ${rule.why}`,
    enforcementLevel: "advisory",
    severity: rule.severity,
    url: rule.source,
    validateResource: (args, report) => {
      // An undecided place is left to the policy's run in `pulumi up`, when the value is known.
      for (const { verdict, path, message } of outcomes(rule, policyNode(args))) {
        if (verdict === "violation") report(`${path}: ${message}`);
      }
    },
  }));
}

/** What a policy is given, as a node of the graph. */
export function policyNode(args: Pick<ResourceValidationArgs, "urn" | "type" | "name" | "props">): ResourceNode {
  return {
    urn: args.urn,
    type: args.type,
    name: args.name,
    kind: "custom",
    inputs: fields(args.props, args.urn, ""),
    options: {},
    dependencies: [],
    propertyDependencies: {},
  };
}

/**
 * Pulumi hands policies a proxy that throws when an unknown field is touched, which would lose what the known fields
 * show; each field is therefore read by itself.
 */
function fields(object: Record<string, unknown>, urn: string, path: string): Properties {
  return Object.fromEntries(
    Object.keys(object)
      .map((key) => [key, field(() => object[key], urn, joinPath(path, key))] as const)
      .filter((entry): entry is readonly [string, Value] => entry[1] !== undefined),
  );
}

function field(read: () => unknown, urn: string, path: string): Value | undefined {
  try {
    const value = read();
    if (Array.isArray(value)) {
      return Array.from({ length: value.length }, (_, at) => field(() => value[at], urn, `${path}[${at}]`) ?? null);
    }
    if (typeof value === "object" && value !== null) return fields(value as Record<string, unknown>, urn, path);
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null
      ? value
      : undefined;
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return { $unknown: `${urn}.${path}` };
    throw error;
  }
}
