import type {
  PolicyResource,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { assembleGraph } from "../graph/assemble.js";
import type { Properties, ResourceNode, Value } from "../graph/model.js";
import { joinPath } from "../graph/values.js";
import type { ObjectRule, Rule } from "../rules/rule.js";
import { checkObject, configCell } from "./check.js";
import { type JudgeOptions, outcomesOf } from "./judge.js";
import { type JudgedObject, judgedObject } from "./subjects.js";

export type PulumiPolicyOptions = Omit<JudgeOptions, "rules" | "secrets">;

/** The name of the one policy that judges the whole stack. */
export const stackPolicyName = "plinth-stack";

/**
 * The rules as policies of a Pulumi policy pack: one for each rule on a single object, by the rule's id, and one for all
 * rules across resources, which reports by the rules' ids (Pulumi reads every resource again for each policy of a
 * stack). They advise; a team makes one mandatory in the pack's configuration (`pulumi preview --policy-pack policies
 * --policy-pack-config FILE`).
 *
 * What is undecided is left to the run in `pulumi up`, when the values are known.
 */
export function resourcePolicies(
  rules: readonly Rule[],
  options: PulumiPolicyOptions = {},
): (ResourceValidationPolicy | StackValidationPolicy)[] {
  const objectRules = rules.filter((rule) => rule.form === "object");
  const graphRules = rules.filter((rule) => rule.form === "graph");
  const objects = objectCache();
  return [
    ...objectRules.map((rule, at) => objectPolicy(rule, at, objects, options)),
    ...(graphRules.length > 0 ? [stackPolicy(graphRules, options)] : []),
  ];
}

function objectPolicy(
  rule: ObjectRule,
  at: number,
  objects: ObjectCache,
  { parameters, environment }: PulumiPolicyOptions,
): ResourceValidationPolicy {
  const config = configCell(rule.parameters.parse(parameters?.[rule.id] ?? {}));
  return {
    name: rule.id,
    description: `${rule.statement} ${rule.why}`,
    enforcementLevel: "advisory",
    severity: rule.severity,
    url: rule.source,
    validateResource: (args, report) => {
      const object = args.type.startsWith("kubernetes:") ? objects(args, at) : undefined;
      if (!object) return;
      const context = {
        config,
        environment: environment ?? ("unknown" as const),
        describe: () => "",
        forMessages: object,
      };
      for (const { verdict, path, message } of checkObject(rule, object, context)) {
        if (verdict === "violation") report(`${path}: ${message}`);
      }
    },
  };
}

function stackPolicy(rules: readonly Rule[], options: PulumiPolicyOptions): StackValidationPolicy {
  return {
    name: stackPolicyName,
    description: `Plinth's rules across resources: ${rules.map(({ id }) => id).join(", ")}.`,
    enforcementLevel: "advisory",
    validateStack: ({ resources }, report) => {
      const graph = assembleGraph({
        origin: "program",
        project: "",
        stack: "",
        complete: true,
        nodes: resources.map(stackNode),
        notices: [],
      });
      const { outcomes, errors } = outcomesOf(graph, { ...options, rules });
      for (const { rule, node, verdict, path, message } of outcomes) {
        if (verdict !== "violation") continue;
        // The SDK takes an object too, with the policy's name, although its types do not say so (server.js, makeReportViolationFun).
        (report as unknown as (violation: StackViolation) => void)({
          name: rule.id,
          description: `${rule.statement} ${rule.why}`,
          message: `${rule.statement} ${rule.why}\n${path}: ${message}`,
          urn: node.urn,
          severity: rule.severity,
        });
      }
      for (const { message } of errors) (report satisfies ReportViolation)(message);
    },
  };
}

interface StackViolation {
  readonly name: string;
  readonly description: string;
  readonly message: string;
  readonly urn: string;
  readonly severity: string;
}

type ResourceArgs = Pick<ResourceValidationArgs, "urn" | "type" | "name" | "props">;

type ObjectCache = (args: ResourceArgs, at: number) => JudgedObject | undefined;

/** More than Pulumi registers side by side. */
const RESOURCES_AT_ONCE = 200;

/**
 * Pulumi asks the policies one after another about one resource, with its properties made anew each time; reading them
 * once is enough. When an earlier policy asks again it is about the resource's next state.
 */
function objectCache(): ObjectCache {
  const kept = new Map<string, { readonly object: JudgedObject | undefined; at: number }>();
  return (args, at) => {
    const known = kept.get(args.urn);
    if (known && known.at < at) {
      known.at = at;
      return known.object;
    }
    const object = judgedObject(policyNode(args));
    kept.delete(args.urn);
    kept.set(args.urn, { object, at });
    const [oldest] = kept.keys();
    if (kept.size > RESOURCES_AT_ONCE && oldest !== undefined) kept.delete(oldest);
    return object;
  };
}

/** What a policy is given, as a node of the graph. */
export function policyNode(args: ResourceArgs): ResourceNode {
  return {
    urn: args.urn,
    type: args.type,
    name: args.name,
    kind: kindOf(args.type),
    inputs: fields(args.props, args.urn, ""),
    options: {},
    dependencies: [],
    propertyDependencies: {},
  };
}

function stackNode(resource: PolicyResource): ResourceNode {
  const { opts, dependencies, propertyDependencies, parent } = resource;
  return {
    ...policyNode(resource),
    ...(parent && { parent: parent.urn }),
    options: {
      ...(opts.protect && { protect: true }),
      ...(opts.ignoreChanges?.length > 0 && { ignoreChanges: opts.ignoreChanges }),
    },
    dependencies: urnsOf(dependencies),
    propertyDependencies: Object.fromEntries(
      Object.entries(propertyDependencies).map(([key, on]) => [key, urnsOf(on)]),
    ),
  };
}

function urnsOf(resources: readonly PolicyResource[]): string[] {
  return resources.map(({ urn }) => urn).sort();
}

function kindOf(type: string): ResourceNode["kind"] {
  if (type === "pulumi:pulumi:Stack") return "stack";
  return type.startsWith("pulumi:providers:") ? "provider" : "custom";
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
