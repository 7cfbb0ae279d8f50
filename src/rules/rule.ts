import type { z } from "zod";
import type { ResourceNode } from "../graph/model.js";
import type { GraphView } from "./view.js";

export type Severity = "critical" | "high" | "medium" | "low";

export type Pack =
  | "gpu"
  | "quotas"
  | "images"
  | "rollout"
  | "reliability"
  | "security"
  | "data"
  | "cost"
  | "reproducibility"
  /** A team's own rules, from its policy file. */
  | "own";

/** Where a program or a set of manifests will run. Rules for production are silent where nothing is said. */
export type Environment = "production" | "staging" | "development";

/** One change of an object, by which a finding is mended. */
export interface Patch {
  readonly op: "set" | "remove" | "move";
  readonly path: readonly (string | number)[];
  /** For `set`. */
  readonly value?: unknown;
  /** For `move`. */
  readonly to?: readonly (string | number)[];
}

/** Mends a finding: pure, on plain JSON without unknown values, and touching only what the patches say. */
export type Fix = (object: unknown, finding: { readonly path: string }) => readonly Patch[];

/** What every rule says of itself. */
export interface RuleFacts {
  /** Stable: people write it into waivers. */
  readonly id: string;
  /** The id in words, such as `gpu-limits-wellformed`. */
  readonly name: string;
  /** The pack it is listed and switched with. */
  readonly pack: Pack;
  readonly severity: Severity;
  /** What must hold, in one line. */
  readonly statement: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** URL where the reason can be read. */
  readonly source: string;
  /** The exact meaning in a paragraph, with what is not judged. */
  readonly semantics: string;
  /** Strict; every field has a default and a description. */
  readonly parameters: z.ZodObject;
  /** YAML that breaks the rule; a test holds that it gives exactly one finding of this rule. */
  readonly bad: string;
  /** The same YAML, mended. */
  readonly good: string;
  /** Ids of other rules that the bad example breaks too. */
  readonly otherFindings?: readonly string[];
  readonly fix?: Fix;
}

/** What a check looks at, one by one. */
export type Subject = "object" | "pod" | "container" | "image";

/**
 * One question about each subject of an object. The CEL texts see, at preview and in the cluster alike:
 *
 * - `object`, the whole object; `pod`, `{ metadata, spec }` of one pod, whose metadata may be missing; `container`; `image`,
 *   the name, "" when a pod of Kubernetes' own kinds has none; `item` or `key` of `within`. A container and an image see
 *   what they stand in.
 * - `list` in a check of containers: "containers", "initContainers" or "ephemeralContainers".
 * - `variables.config`, the rule's parameters; `variables.environment`, the environment or "unknown"; `variables.pods`, all
 *   pods of the object.
 *
 * Values that are not known before deployment decide nothing: `&&`, `||`, `all`, `exists` and `in` give a definite answer
 * whenever there is one, so a text says nothing of them. Every field that may be absent is guarded with `has()`.
 */
export interface Check {
  /** The object, each of its pods, each container (init, main, ephemeral), or each image name. */
  readonly each: Subject;
  /**
   * Kinds of objects: `ResourceQuota` of any group, `apps/Deployment` of one, `/Service` of the core group.
   *
   * @default every kind that has such subjects
   */
  readonly kinds?: readonly string[];
  /**
   * Further down: the entries of a list (`item`) or the keys of a map (`key`) below the subject. `[*]` on the way is every
   * entry of a list: `spec.rules[*].filters`. An absent one has none.
   */
  readonly within?: { readonly list: string } | { readonly keys: string };
  /**
   * CEL: the subjects that the check is about.
   *
   * @default all
   */
  readonly when?: string;
  /** CEL: must be true. */
  readonly expression: string;
  /** Where below the subject, the item or the entry of the map the finding points; "" for that itself. */
  readonly path: string;
  /** CEL text: what was found. Never a secret value. */
  readonly message: string;
}

/** A rule on one Kubernetes object, in CEL that a Kubernetes API server compiles as it stands. */
export interface ObjectRule extends RuleFacts {
  readonly form: "object";
  readonly checks: readonly Check[];
}

/** What a rule says about one place of a resource. A rule that says nothing has passed. */
export interface Outcome {
  /** `undecided`: the answer depends on a value that is unknown or withheld. */
  readonly verdict: "violation" | "undecided";
  /** Where in the resource's inputs: `spec.containers[0].image`. */
  readonly path: string;
  /** One sentence that names what was found. Never a secret. */
  readonly message: string;
}

export interface GraphOutcome extends Outcome {
  readonly node: ResourceNode;
}

export interface GraphContext {
  /** Absent: not known, and rules for production are silent. */
  readonly environment?: Environment;
}

/** A rule across objects or on cloud resources. */
export interface GraphRule extends RuleFacts {
  readonly form: "graph";
  /** Pure. Throws a ZodError when the configuration does not fit `parameters`. */
  readonly check: (view: GraphView, config: unknown, context: GraphContext) => readonly GraphOutcome[];
}

export type Rule = ObjectRule | GraphRule;

export function defineObjectRule(rule: Omit<ObjectRule, "form">): ObjectRule {
  return { ...rule, form: "object" };
}

/** The definition of a graph rule: as the rule, with its configuration typed by its own parameters. */
export interface GraphRuleDefinition<P extends z.ZodObject> extends Omit<GraphRule, "form" | "parameters" | "check"> {
  readonly parameters: P;
  readonly check: (view: GraphView, config: z.output<P>, context: GraphContext) => readonly GraphOutcome[];
}

export function defineGraphRule<P extends z.ZodObject>(rule: GraphRuleDefinition<P>): GraphRule {
  return {
    ...rule,
    form: "graph",
    check: (view, config, context) => rule.check(view, rule.parameters.parse(config ?? {}), context),
  };
}
