import type { NodeKind, SourcePosition, Value } from "../model.js";

/**
 * What is done to a resource. `replace`: it is deleted and made anew. A resource that only has another URN because of an
 * alias is a `rename`: the deployed one goes on under the new name.
 */
export type Action = "add" | "remove" | "replace" | "change" | "rename";

/** One value that differs. */
export interface PathChange {
  /** What the path starts at: the inputs of the resource, its options, or what a stack or component outputs. */
  readonly of: "input" | "option" | "output";
  /** `spec.template.spec.containers[name=server].image`: entries of a list that have names are told apart by them. */
  readonly path: string;
  readonly change: "added" | "removed" | "changed" | "reordered";
  /** As in the graph: unknown values and secrets are markers. Absent for `added`; names of the entries for `reordered`. */
  readonly before?: Value;
  /** Absent for `removed`. */
  readonly after?: Value;
  /** False when a value that is known only after deployment decides whether there is a difference at all. */
  readonly certain: boolean;
  /** True when the resource cannot be changed there in place. */
  readonly replaces: boolean;
}

export interface ResourceChange {
  readonly action: Action;
  /** In the head; of what is removed, in the base. */
  readonly urn: string;
  readonly type: string;
  /** `Deployment fraud/model`. */
  readonly title: string;
  readonly kind: NodeKind;
  /** In the base, when it is another one. */
  readonly formerUrn?: string;
  readonly formerTitle?: string;
  /** False for a replacement that depends on a value known only after deployment. */
  readonly certain: boolean;
  /** Sorted by path; empty for what is added or removed. */
  readonly paths: readonly PathChange[];
  /** Where the program declares it; absent for what is removed. */
  readonly source?: SourcePosition;
}

/**
 * Data that may be lost: `removal` and `replacement` of what holds it, a `protection` that is switched off, a `deletion`
 * that no longer keeps anything, a `retention` that gets shorter.
 */
export interface Risk {
  readonly kind: "removal" | "replacement" | "protection" | "deletion" | "retention";
  /** In the head; of what is removed, in the base. */
  readonly urn: string;
  readonly title: string;
  /** Absent for a whole resource. */
  readonly path?: string;
  readonly message: string;
  readonly certain: boolean;
}

/** One side of a comparison. */
export interface DiffSide {
  readonly project: string;
  readonly stack: string;
  readonly resources: number;
}

/**
 * What `plinth diff --format json` prints. Sorted, so that equal inputs give equal text; the order of the nodes in the
 * graphs makes no difference.
 */
export interface GraphDiff {
  /** Raised when a reader of the old form would misread the new one. */
  readonly version: 1;
  readonly base: DiffSide;
  readonly head: DiffSide;
  /** Without what is the same on both sides. */
  readonly changes: readonly ResourceChange[];
  readonly risks: readonly Risk[];
  readonly summary: Readonly<Record<Action, number>> & {
    readonly unchanged: number;
    readonly risks: number;
    /** Secrets that are withheld on one side or both: whether they are the same cannot be told. */
    readonly uncomparedSecrets: number;
  };
}

/** The values that the graphs withhold, by their places, where the process knows them. They never get into the result. */
export interface DiffSecrets {
  readonly base?: ReadonlyMap<string, unknown>;
  readonly head?: ReadonlyMap<string, unknown>;
}
