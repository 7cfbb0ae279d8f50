import * as pulumi from "@pulumi/pulumi";
import { toProperties, type ValueContext } from "../engine/values.js";
import { some } from "../engine/wire.js";
import { assembleGraph } from "../graph/assemble.js";
import type { GraphRun, NodeOptions, ResourceNode } from "../graph/model.js";
import { type Answers, installMonitor, type Recording, type Registered } from "./monitor.js";
import { collectRejections } from "./rejections.js";

export interface RecordOptions {
  /** @default "project" */
  readonly project?: string;
  /** @default "stack" */
  readonly stack?: string;
  /** Configuration of the stack, keys with or without the project's name (`image`, `aws:region`). @default none */
  readonly config?: Readonly<Record<string, string>>;
  /**
   * Properties that a resource has after creation. By default a Kubernetes object shows what was put in, and what a cloud
   * computes is unknown, as in a preview.
   */
  readonly outputs?: Answers["outputs"];
  /** Answers of data sources by token, e.g. `"aws:eks/getCluster:getCluster"`. One that is asked without an answer fails. */
  readonly invokes?: Answers["invokes"];
}

/**
 * Runs a program in this process, against Pulumi's mocks and as a preview, and gives the graph of what it declares.
 *
 * It waits for every registration, also those made in `apply`. It fails with the program's own error, with an error that no
 * one handled (a fault in an `apply`), on two resources of one URN, and when an Output was put into a string. What the
 * program returns becomes the outputs of the stack.
 *
 * Runs wait for one another, because Pulumi's runtime is one per process. An unknown is named by the resource it comes from.
 *
 * ```ts
 * const { graph } = await recordGraph(() => new InferenceEndpoint("fraud", args));
 * ```
 */
export function recordGraph(program: () => unknown, options: RecordOptions = {}): Promise<GraphRun> {
  const run = last.then(() => record(program, options));
  last = run.catch(() => undefined);
  return run;
}

let last: Promise<unknown> = Promise.resolve();

async function record(program: () => unknown, options: RecordOptions): Promise<GraphRun> {
  const { project = "project", stack = "stack", outputs = () => undefined, invokes = {} } = options;
  const recording = await installMonitor(project, stack, { outputs, invokes });
  pulumi.runtime.setAllConfig(configOf(project, options.config ?? {}));

  const { rejections: all } = await collectRejections(() => finished(program, recording));
  const rejections = all.filter((error) => !all.some((other) => repeats(error, other)));
  // What the program did without the answer is of no interest.
  refuseUnanswered([...recording.unanswered]);
  if (rejections.length === 1) throw rejections[0];
  if (rejections.length > 1) {
    throw new AggregateError(rejections, `the program failed:\n${rejections.map(messageOf).join("\n")}`);
  }
  refuseFaults(recording.resources);
  return toGraph(project, stack, recording);
}

/** Runs the program under a stack, until no registration is under way and none has come since. */
async function finished(program: () => unknown, recording: Recording): Promise<void> {
  await pulumi.runtime.runInPulumiStack(async () => asOutputs(await program()));
  let before: number;
  do {
    before = recording.resources.length;
    await pulumi.runtime.disconnect();
    await new Promise((resolve) => setImmediate(resolve));
  } while (recording.resources.length > before);
}

/** A program may return the construct it made, which is no set of outputs. */
function asOutputs(result: unknown): Record<string, unknown> | undefined {
  if (typeof result !== "object" || result === null || pulumi.Resource.isInstance(result)) return undefined;
  return Object.getPrototypeOf(result) === Object.prototype ? (result as Record<string, unknown>) : undefined;
}

function configOf(project: string, config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]),
  );
}

function refuseUnanswered(tokens: readonly string[]): void {
  if (tokens.length === 0) return;
  const stanza = tokens.map((token) => `  ${JSON.stringify(token)}: (args) => ({ … }),`).join("\n");
  throw new Error(
    `the program asked data sources that the test has no answer for; give it in the options:\ninvokes: {\n${stanza}\n}`,
  );
}

const OUTPUT_TEXT = "Calling [toString] on an [Output<T>]";

/** Mistakes that Pulumi's mocks let pass. */
function refuseFaults(resources: readonly Registered[]): void {
  const urns = new Set<string>();
  const faults = resources.flatMap(({ urn, name, inputs }) => {
    const isRepeated = urns.has(urn);
    urns.add(urn);
    const stringified = Object.entries({ "the name": name, ...inputs })
      .filter(([, value]) => some(value, (part) => typeof part === "string" && part.includes(OUTPUT_TEXT)))
      .map(([key]) => `${urn}: an Output was put into a string in ${key}; use pulumi.interpolate or apply`);
    return [
      ...(isRepeated ? [`${urn}: two resources have this URN; give one of them another name`] : []),
      ...stringified,
    ];
  });
  if (faults.length > 0) throw new Error(`the program declares what cannot work:\n  ${faults.join("\n  ")}`);
}

function toGraph(project: string, stack: string, recording: Recording): GraphRun {
  const secrets = new Map<string, unknown>();
  const inputs = new Map(recording.resources.map((resource) => [resource.urn, resource.inputs]));
  const context: ValueContext = {
    placeholders: new Map(),
    project: process.cwd(),
    inputsOf: (urn) => inputs.get(urn),
    secrets,
  };
  const optionsByUrn = new Map<string, NodeOptions>();
  const nodes = recording.resources.map((resource): ResourceNode => {
    // The real engine hands these down; the mocks do not.
    const above = resource.parent === undefined ? undefined : optionsByUrn.get(resource.parent);
    const nodeOptions = { ...inherited(above), ...resource.options };
    optionsByUrn.set(resource.urn, nodeOptions);
    const outputs = recording.outputs.get(resource.urn);
    return {
      ...resource,
      inputs: toProperties(resource.inputs, resource.urn, resource.propertyDependencies, context),
      ...(outputs !== undefined && { outputs: toProperties(outputs, `${resource.urn}.outputs`, {}, context) }),
      options: nodeOptions,
    };
  });
  const invokes = recording.invokes.map(({ token, args, answer }) => ({
    token,
    answer,
    args: toProperties(args, token, {}, context),
  }));
  return { graph: assembleGraph({ origin: "test", project, stack, nodes, invokes }), secrets };
}

function inherited(options: NodeOptions | undefined): NodeOptions {
  return {
    ...(options?.protect && { protect: true }),
    ...(options?.retainOnDelete && { retainOnDelete: true }),
    ...(options?.deletedWith !== undefined && { deletedWith: options.deletedWith }),
  };
}

/** Whether the first error is the second with Pulumi's words before it (`error serializing property "x": …`). */
function repeats(error: unknown, other: unknown): boolean {
  return messageOf(error).endsWith(`: ${messageOf(other)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
