import type { InvokeRecord, NodeKind, NodeOptions, Notice, SourcePosition } from "../graph/model.js";
import type { Answers } from "./answers.js";
import type { Project } from "./project.js";
import type { Callback, callbackClient, PackageRequest } from "./protocol.js";
import type { SourceRoots } from "./source.js";
import type { Wire, WireObject } from "./wire.js";

/** What the engine knows of one resource while the program runs. */
export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly kind: NodeKind;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs: WireObject;
  outputs?: WireObject;
  readonly options: NodeOptions;
  readonly replacementTrigger?: Wire;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly source?: SourcePosition;
  readonly generated: readonly string[];
  readonly opaque: boolean;
  /** Transforms of its own, for its descendants. */
  readonly transforms: readonly Callback[];
  /** Provider references by package, for its children. */
  readonly providers: Readonly<Record<string, string>>;
}

export interface Hook {
  readonly name: string;
  readonly callback: Callback;
  readonly onDryRun: boolean;
  readonly ignoreErrors: boolean;
}

/** An error that makes the run fail: text for the user and the place it belongs to. */
export interface Fault {
  readonly message: string;
  readonly source?: SourcePosition;
}

/** One run: everything the program said so far. */
export interface Session {
  readonly project: Project;
  readonly roots: SourceRoots;
  readonly answers: Answers;
  readonly callbacks: ReturnType<typeof callbackClient>;
  readonly installed: (pkg: string) => string;
  readonly resources: Map<string, Recorded>;
  readonly stackTransforms: Callback[];
  readonly invokeTransforms: Callback[];
  readonly hooks: Map<string, Hook>;
  readonly packages: Map<string, PackageRequest>;
  readonly invokes: (Omit<InvokeRecord, "args"> & { readonly args: WireObject })[];
  readonly notices: Notice[];
  /** Errors the program logged, in order. */
  readonly errors: { readonly message: string; readonly urn: string }[];
  readonly faults: Fault[];
  /** Ends the program: what it would do next has no meaning any more. */
  readonly abort: (fault: Fault) => never;
}

export const stackUrn = ({ project }: Session): string =>
  `urn:pulumi:${project.stack}::${project.name}::pulumi:pulumi:Stack::${project.name}-${project.stack}`;

/** The URN the real engine gives: the types of all parents, the stack left out. */
export function makeUrn(project: Project, type: string, name: string, parent: string | undefined): string {
  const qualified = parent === undefined ? "" : (parent.split("::")[2] ?? "");
  const prefix = qualified === "" || qualified === "pulumi:pulumi:Stack" ? "" : `${qualified}$`;
  return `urn:pulumi:${project.stack}::${project.name}::${prefix}${type}::${name}`;
}

export const outputTextMark = "on an [Output<T>] is not supported";
