/**
 * The resource graph: what a program or a set of manifests declares. It is the one interface between
 * preview, rules, reports, diff, cost and tests.
 *
 * A graph is plain JSON and stable: nodes are sorted by URN, keys inside values by name, and it holds no
 * times and no paths of the machine it was made on, so two runs of one program are byte-identical.
 */

/** A value that is known only after deployment: the URN of the resource that makes it, a dot, the property path. */
export interface Unknown {
  readonly $unknown: string;
}

/**
 * A secret. Its value is withheld: the text is the place where it stands (`<urn>.<path>`), by which a run in the
 * same process can look the value up. A secret that is also unknown holds the unknown.
 */
export interface Secret {
  readonly $secret: string | Unknown;
}

/** A reference to a whole resource used as a value. */
export interface Reference {
  readonly $resource: string;
}

/** An asset or archive: the kind, and what names it (a path relative to the project, a URI, or the hash of its text). */
export interface AssetValue {
  readonly $asset: { readonly kind: "file" | "text" | "uri" | "archive"; readonly at: string };
}

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | Unknown
  | Secret
  | Reference
  | AssetValue
  | { readonly [key: string]: Value };

export type Properties = { readonly [key: string]: Value };

/** A place in the user's own files; `file` is relative to the project or to the folder that was read. Counted from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/**
 * What a node is. `remote` is a component made by a plugin that cannot run offline (Chart v4, eks.Cluster):
 * its children are not in the graph. `read` is an existing resource (`Bucket.get`).
 */
export type NodeKind = "stack" | "component" | "custom" | "provider" | "remote" | "read";

/** Resource options as Pulumi's engine records them. Absent means not set. Times are seconds. */
export interface NodeOptions {
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly deleteBeforeReplace?: boolean;
  readonly deletedWith?: string;
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  readonly hideDiffs?: readonly string[];
  readonly additionalSecretOutputs?: readonly string[];
  readonly aliases?: readonly Properties[] | readonly Value[];
  readonly customTimeouts?: { readonly create?: number; readonly update?: number; readonly delete?: number };
  readonly importId?: string;
  readonly replaceWith?: readonly string[];
  readonly replacementTrigger?: Value;
  readonly hooks?: Properties;
  /** Names of providers by package, on components. */
  readonly providers?: { readonly [pkg: string]: string };
}

export interface ResourceNode {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly kind: NodeKind;
  readonly parent?: string;
  /** URN of the provider that would make it; only for custom and read resources. */
  readonly provider?: string;
  readonly inputs: Properties;
  /** What a component or the stack registered as its outputs. */
  readonly outputs?: Properties;
  readonly options: NodeOptions;
  /** URNs this resource waits for, sorted: explicit and through its inputs. */
  readonly dependencies: readonly string[];
  /** For each top-level input, the URNs its value comes from. */
  readonly propertyDependencies: { readonly [property: string]: readonly string[] };
  /** Where the user's program declared it; absent when no frame of the user's code is known. */
  readonly source?: SourcePosition;
  /** Input paths that the engine filled in place of the provider (names, default namespaces), sorted. */
  readonly generated?: readonly string[];
  /** True when what is inside cannot be seen offline (charts, remote components). */
  readonly opaque?: true;
}

/** `dependency`: `from` waits for `to`. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: "parent" | "dependency" | "provider";
}

/** A question the program asked of a cloud (a data source), and who answered. */
export interface InvokeRecord {
  readonly token: string;
  readonly answer: "computed" | "file" | "unknown";
  readonly args: Properties;
  readonly source?: SourcePosition;
}

/** Something the reader should know: a warning of the program, an unknown, a chart that was not expanded. */
export interface Notice {
  readonly severity: "info" | "warning" | "error";
  /** Stable word for machines, e.g. `opaque`, `unanswered-invoke`, `log`, `placeholder-config`. */
  readonly code: string;
  readonly message: string;
  readonly urn?: string;
  readonly source?: SourcePosition;
}

export interface ResourceGraph {
  /** Raised when a reader of the old form would misread the new one. */
  readonly version: 1;
  /** `pulumi`: read from what the Pulumi CLI wrote. */
  readonly origin: "program" | "manifests" | "pulumi" | "test";
  readonly project: string;
  readonly stack: string;
  readonly organization?: string;
  /** False when the program failed half-way: what is missing is not absent, only unseen. */
  readonly complete: boolean;
  readonly nodes: readonly ResourceNode[];
  readonly edges: readonly Edge[];
  readonly invokes: readonly InvokeRecord[];
  readonly notices: readonly Notice[];
}

/** A graph together with the secrets it withholds, by their place. The map never leaves the process unless asked to. */
export interface GraphRun {
  readonly graph: ResourceGraph;
  readonly secrets: ReadonlyMap<string, unknown>;
}

/**
 * The input could not be read or run. The message is for the user: what is wrong, where, what to do. The command
 * line prints it without a stack and ends with status 2.
 */
export class InputError extends Error {
  override readonly name = "InputError";
}
