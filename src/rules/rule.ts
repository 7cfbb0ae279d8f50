import type { ResourceNode } from "../graph/model.js";

export type Severity = "critical" | "high" | "medium" | "low";

/** What a rule says about one place of a resource. A rule that says nothing has passed. */
export interface Outcome {
  /** `undecided`: the answer depends on a value that is unknown or withheld. */
  readonly verdict: "violation" | "undecided";
  /** Where in the resource's inputs: `spec.containers[0].image`. */
  readonly path: string;
  /** One sentence that names what was found. Never a secret. */
  readonly message: string;
}

/** One rule of the catalogue, as data. */
export interface Rule {
  /** Stable: people write it into waivers. */
  readonly id: string;
  /** The pack it is listed and switched with, such as `images`. */
  readonly pack: string;
  readonly severity: Severity;
  /** What must hold, in one line. */
  readonly statement: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** Where the reason can be read. */
  readonly source: string;
  /** YAML that breaks the rule; a test holds that it does. */
  readonly bad: string;
  /** The same YAML, mended. */
  readonly good: string;
  /** Kinds of Kubernetes objects the rule reads; it is not asked about others. */
  readonly kinds: readonly string[];
  /** Pure: the same resource gives the same outcomes in the same order. */
  readonly check: (node: ResourceNode) => readonly Outcome[];
}
