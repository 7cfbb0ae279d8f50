import * as pulumi from "@pulumi/pulumi";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { durationSeconds } from "../engine/durations.js";
import { policyDocument } from "../engine/policy-document.js";
import { urnOfReference } from "../engine/providers.js";
import type { Recorded } from "../engine/session.js";
import type { WireObject } from "../engine/wire.js";
import type { NodeKind, NodeOptions, Value } from "../graph/model.js";

/** One registration, as the program sent it: what the embedded engine records, less what only it can know. */
export type Registered = Omit<
  Recorded,
  "outputs" | "replacementTrigger" | "source" | "generated" | "opaque" | "transforms" | "providers"
>;

/** Everything the program sent, in the order it came. */
export interface Recording {
  readonly resources: Registered[];
  readonly outputs: Map<string, WireObject>;
  /** Data sources that nobody answered. */
  readonly unanswered: Set<string>;
  readonly invokes: { readonly token: string; readonly args: WireObject; readonly answer: "computed" | "file" }[];
}

/** What a cloud would say to a program under test. */
export interface Answers {
  /** Properties that a resource has after creation, beside its inputs. */
  readonly outputs: (resource: pulumi.runtime.MockResourceArgs) => Record<string, unknown> | undefined;
  /** Answers of data sources, by token. */
  readonly invokes: Readonly<Record<string, (args: Record<string, unknown>) => unknown>>;
}

/** The parts of Pulumi's mock monitor that are watched; `newUrn` is private in its types. */
interface MockMonitor {
  newUrn: (parent: string, type: string, name: string) => string;
  registerResource: (request: RegisterResourceRequest, callback: unknown) => Promise<void>;
  readResource: (request: ReadResourceRequest, callback: unknown) => Promise<void>;
  registerResourceOutputs: (request: RegisterResourceOutputsRequest, callback: unknown) => void;
}

const STACK = "pulumi:pulumi:Stack";

/** Installs a fresh mock monitor, as `setMocks` does, that notes what it is sent. */
export async function installMonitor(project: string, stack: string, answers: Answers): Promise<Recording> {
  const recording: Recording = { resources: [], outputs: new Map(), unanswered: new Set(), invokes: [] };
  const mocks: pulumi.runtime.Mocks = {
    newResource: (resource) => ({ id: resource.id ?? "", state: stateOf(resource, answers) }),
    call: ({ token, inputs }) => {
      const own = answers.invokes[token];
      const answer = own ?? COMPUTED[token];
      if (answer === undefined) {
        // An error here would reach the test without its message.
        recording.unanswered.add(token);
        return {};
      }
      recording.invokes.push({ token, args: inputs as WireObject, answer: own === undefined ? "computed" : "file" });
      return answer(inputs) as Record<string, unknown>;
    },
  };
  await pulumi.runtime.setMocks(mocks, project, stack, true);
  const monitor = pulumi.runtime.getMonitor() as unknown as MockMonitor;
  const urnOf = (parent: string, type: string, name: string) => makeUrn(project, stack, parent, type, name);
  // Pulumi's own takes only the last type of the parent's URN.
  monitor.newUrn = urnOf;

  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    recording.resources.push(registered(request, urnOf));
    return register(request, callback);
  };
  const read = monitor.readResource.bind(monitor);
  monitor.readResource = (request, callback) => {
    recording.resources.push(readRecord(request, urnOf));
    return read(request, callback);
  };
  const finish = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    recording.outputs.set(request.getUrn(), (request.getOutputs()?.toJavaScript() ?? {}) as WireObject);
    finish(request, callback);
  };
  return recording;
}

/** Data sources that need no cloud. */
const COMPUTED: Answers["invokes"] = {
  "aws:iam/getPolicyDocument:getPolicyDocument": (args) => policyDocument(args as WireObject),
};

/** The URN the real engine gives: the types of all parents, the stack left out. */
function makeUrn(project: string, stack: string, parent: string, type: string, name: string): string {
  const above = parent.split("::")[2] ?? "";
  const prefix = above === "" || above === STACK ? "" : `${above}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/**
 * What the program sees of a resource: for Kubernetes objects and providers what was put in, so that names are known as they
 * are in a preview; for all others nothing, so that what a cloud computes is unknown.
 */
function stateOf(resource: pulumi.runtime.MockResourceArgs, answers: Answers): Record<string, unknown> {
  const echoes = /^(kubernetes|pulumi:providers):/.test(resource.type);
  const inputs = (echoes ? resource.inputs : {}) as Record<string, unknown>;
  return { ...inputs, ...answers.outputs(resource) };
}

function registered(
  request: RegisterResourceRequest,
  urnOf: (parent: string, type: string, name: string) => string,
): Registered {
  const type = request.getType();
  const parent = request.getParent();
  const kind = kindOf(request);
  const reference = request.getProvider();
  return {
    urn: urnOf(parent, type, request.getName()),
    type,
    name: request.getName(),
    kind,
    ...(parent !== "" && { parent }),
    ...(kind === "custom" && reference !== "" && { provider: urnOfReference(reference) }),
    inputs: (request.getObject()?.toJavaScript() ?? {}) as WireObject,
    options: optionsOf(request),
    dependencies: request.getDependenciesList(),
    propertyDependencies: urnsByProperty(request),
  };
}

function urnsByProperty(request: RegisterResourceRequest): Record<string, readonly string[]> {
  const urns: Record<string, readonly string[]> = {};
  // The map's `toArray` would lose the type of what is in it.
  request.getPropertydependenciesMap().forEach((dependencies, property) => {
    urns[property] = dependencies.getUrnsList();
  });
  return urns;
}

function readRecord(
  request: ReadResourceRequest,
  urnOf: (parent: string, type: string, name: string) => string,
): Registered {
  const parent = request.getParent();
  const reference = request.getProvider();
  return {
    urn: urnOf(parent, request.getType(), request.getName()),
    type: request.getType(),
    name: request.getName(),
    kind: "read",
    ...(parent !== "" && { parent }),
    ...(reference !== "" && { provider: urnOfReference(reference) }),
    inputs: { ...((request.getProperties()?.toJavaScript() ?? {}) as WireObject), id: request.getId() },
    options: {},
    dependencies: request.getDependenciesList(),
    propertyDependencies: {},
  };
}

function kindOf(request: RegisterResourceRequest): NodeKind {
  if (request.getType() === STACK) return "stack";
  if (request.getType().startsWith("pulumi:providers:")) return "provider";
  if (request.getRemote()) return "remote";
  return request.getCustom() ? "custom" : "component";
}

/** The options that are set. */
function optionsOf(request: RegisterResourceRequest): NodeOptions {
  const lists = {
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    hideDiffs: request.getHidediffsList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList(), ...request.getAliasesList().map(aliasOf)],
    replaceWith: request.getReplaceWithList(),
  };
  const timeouts = timeoutsOf(request.getCustomtimeouts());
  const providers = request
    .getProvidersMap()
    .toArray()
    .map(([pkg, reference]) => [pkg, urnOfReference(reference)]);
  return {
    ...(request.getProtect() && { protect: true }),
    ...(request.getRetainondelete() && { retainOnDelete: true }),
    ...(request.getDeletebeforereplacedefined() && { deleteBeforeReplace: request.getDeletebeforereplace() }),
    ...(request.getDeletedwith() !== "" && { deletedWith: request.getDeletedwith() }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(Object.keys(timeouts).length > 0 && { customTimeouts: timeouts }),
    ...(request.getImportid() !== "" && { importId: request.getImportid() }),
    ...(providers.length > 0 && !request.getCustom() && { providers: Object.fromEntries(providers) }),
  };
}

function aliasOf(alias: ReturnType<RegisterResourceRequest["getAliasesList"]>[number]): Value {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  const texts = {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
  };
  return {
    ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== "")),
    ...(spec.getNoparent() && { noParent: true }),
  };
}

function timeoutsOf(timeouts: RegisterResourceRequest.CustomTimeouts | undefined): Record<string, number> {
  const texts = { create: timeouts?.getCreate(), update: timeouts?.getUpdate(), delete: timeouts?.getDelete() };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) => {
      const seconds = durationSeconds(text ?? "");
      return seconds === undefined ? [] : [[key, seconds]];
    }),
  );
}
