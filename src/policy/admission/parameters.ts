import { z } from "zod";
import type { Rule } from "../../rules/rule.js";
import type { ToldWaiver } from "./waivers.js";
import { WAIVED_RESOURCE } from "./waivers.js";

/** API group of what Plinth defines in clusters. */
export const group = "plinth.dev";
export const version = "v1";
export const parametersKind = "PolicyParameters";

/** What `PolicyParameters.spec` holds: everything that can be changed in a cluster without new policies. */
export interface ParametersSpec {
  readonly environment: "production" | "staging" | "development" | "unknown";
  /** Parameters by the ids of rules. */
  readonly rules: { readonly [rule: string]: Readonly<Record<string, unknown>> };
  readonly waivers: readonly ToldWaiver[];
  /** Users whose requests are not judged: controllers that make objects from others that were judged. */
  readonly controllers: readonly string[];
}

/** A schema as an API server takes it. */
interface StructuralSchema {
  readonly type?: string;
  readonly properties?: { readonly [name: string]: StructuralSchema };
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly [keyword: string]: unknown;
}

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;

/** The definition of `PolicyParameters`, with the parameters of these rules, their defaults and bounds. */
export function parametersDefinition(rules: readonly Rule[], labels: Readonly<Record<string, string>>) {
  const spec: StructuralSchema = {
    type: "object",
    properties: {
      environment: {
        ...text,
        enum: ["production", "staging", "development", "unknown"],
        default: "unknown",
        description: "Where this cluster stands; rules for production are silent elsewhere.",
      },
      rules: {
        type: "object",
        default: {},
        description: "Parameters by the ids of rules.",
        properties: Object.fromEntries(rules.map((rule) => [rule.id, parametersSchema(rule)])),
      },
      waivers: {
        type: "array",
        default: [],
        description: "Objects that need not keep some rules. Written by `plinth policies emit`, without those expired.",
        items: {
          type: "object",
          required: ["rules", "resource", "reason"],
          properties: {
            rules: { ...texts, description: "Ids of rules; * is all of them." },
            resource: {
              ...text,
              pattern: WAIVED_RESOURCE.source,
              description: "Kind/name or Kind/namespace/name; * stands for any characters.",
            },
            reason: text,
            expires: { ...text, format: "date", description: "The last day on which the waiver counts." },
          },
        },
      },
      controllers: {
        ...texts,
        default: [],
        description: "Users whose requests are not judged: controllers that make objects from objects that were.",
      },
    },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `policyparameters.${group}`, labels },
    spec: {
      group,
      scope: "Cluster",
      names: {
        kind: parametersKind,
        listKind: `${parametersKind}List`,
        plural: "policyparameters",
        singular: "policyparameters",
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              required: ["spec"],
              description: "The parameters of Plinth's admission policies.",
              properties: { spec },
            },
          },
        },
      ],
    },
  };
}

/** Keywords of JSON Schema that structural schemas have too. */
const KEPT = [
  ...["type", "description", "default", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern"],
  ...["minItems", "maxItems", "required"],
] as const;

function parametersSchema(rule: Rule): StructuralSchema {
  const schema = z.toJSONSchema(rule.parameters, { io: "input", unrepresentable: "any" }) as StructuralSchema;
  return { ...structural(schema), default: {}, description: `${rule.id} ${rule.name}: ${rule.statement}` };
}

/**
 * A schema of JSON Schema 2020-12 as a structural one; what such a one cannot say is left to the rule.
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function structural(schema: StructuralSchema): StructuralSchema {
  const { type, properties, items, additionalProperties } = schema;
  if (typeof type !== "string") {
    const { description, default: otherwise } = schema;
    return {
      "x-kubernetes-preserve-unknown-fields": true,
      ...(description !== undefined && { description }),
      ...(otherwise !== undefined && { default: otherwise }),
    };
  }
  const kept = KEPT.flatMap((keyword) => {
    const value = schema[keyword];
    // Zod bounds whole numbers by what a double can hold, which says nothing here.
    return value === undefined || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER ? [] : [[keyword, value]];
  });
  const entries = Object.entries(properties ?? {}).map(([name, value]) => [name, structural(value)]);
  return {
    ...Object.fromEntries(kept),
    ...(properties && entries.length > 0 && { properties: Object.fromEntries(entries) }),
    ...(items && { items: structural(items) }),
    ...(!properties &&
      typeof additionalProperties === "object" && { additionalProperties: structural(additionalProperties) }),
  };
}
