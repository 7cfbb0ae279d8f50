import type { NodeKind, NodeOptions, Value } from "../graph/model.js";
import { durationSeconds } from "./durations.js";
import { beforeAndAfterCreate } from "./hooks.js";
import { checkObject, isClusterObject } from "./kubernetes.js";
import type {
  Alias,
  CustomTimeouts,
  ReadResourceRequest,
  RegisterResourceRequest,
  TransformOptions,
} from "./protocol.js";
import { knownProviderInputs, providerVersion, resolveProvider } from "./provider-resources.js";
import { urnOfReference } from "./providers.js";
import { makeUrn, outputTextMark, type Session, stackUrn } from "./session.js";
import { fromTrace, showPosition } from "./source.js";
import { applyTransforms, transformsFor } from "./transforms.js";
import {
  forProgram,
  fromStruct,
  fromValue,
  isSecret,
  secret,
  some,
  toStruct,
  UNKNOWN,
  type Wire,
  type WireObject,
} from "./wire.js";

const stackType = "pulumi:pulumi:Stack";
/** The engine's own resource that keeps a value: what it was given comes out. */
const stashType = "pulumi:index:Stash";
const opaqueTypes =
  /^kubernetes:(helm\.sh\/v3:(Release|Chart)|helm\.sh\/v4:Chart|kustomize(\/v\d)?:Directory|yaml\/v2:)/;

/** Answers RegisterResource. The order of steps is the real engine's (pkg/resource/deploy/source_eval.go). */
export async function register(session: Session, request: RegisterResourceRequest): Promise<object> {
  const isRoot = request.type === stackType;
  const parent = isRoot ? undefined : request.parent || stackUrn(session);
  const above = parent === undefined ? undefined : session.resources.get(parent);
  const source = fromTrace(request.stackTrace, request.sourcePosition, session.roots) ?? above?.source;
  if ((request.custom || request.remote) && !/^[^:]+:[^:]*:[^:]+$/.test(request.type)) {
    throw new Error(`Type '${request.type}' is not a valid type token (must have format '*:*:*')`);
  }
  const given = inheritOptions(transformOptions(request), above?.options);
  const propertyDependencies = Object.fromEntries(
    Object.entries(request.propertyDependencies).map(([key, { urns }]) => [key, urns]),
  );
  const before = {
    ...request,
    parent: request.parent,
    inputs: fromStruct(request.object),
    options: given,
    propertyDependencies,
  };
  const after = await applyTransforms(session, transformsFor(session, request.transforms, parent), before);
  const { inputs, options } = after;
  // With transforms of its own, a resource's dependencies are what the transforms gave back; those of its ancestors
  // and of the stack cannot change them.
  const ownTransforms = request.transforms.length > 0;
  const perProperty = ownTransforms ? after.propertyDependencies : propertyDependencies;
  const dependencies = ownTransforms
    ? [...options.dependsOn, ...Object.values(perProperty).flat()]
    : request.dependencies;

  const urn = makeUrn(session.project, request.type, request.name, parent);
  const kind = kindOf(request);
  // Also a remote component is made by a provider, which is not recorded with it.
  const maker =
    kind === "custom" || kind === "remote"
      ? resolveProvider(session, {
          ...request,
          parent,
          version: options.version,
          provider: options.provider,
          providers: kind === "remote" ? options.providers : {},
          pluginDownloadURL: options.pluginDownloadUrl,
        })
      : undefined;
  const provider = kind === "custom" ? maker : undefined;
  const duplicate = session.resources.get(urn);
  if (duplicate) {
    const places = [duplicate.source, source].map(showPosition).sort();
    const message = `Duplicate resource URN '${urn}': two resources of type ${request.type} have the name "${request.name}"${places[0] ? `, at ${places[0]}${places[1] !== places[0] ? ` and ${places[1]}` : " (twice)"}` : ""}. Give one of them another name${parent && above?.type !== stackType ? "; the names of parents do not make names unique, put the parent's name into the child's" : ""}.`;
    session.abort({ message, ...(source ? { source } : {}) });
  }
  const settings = provider === undefined ? {} : knownProviderInputs(session, provider);
  const checked =
    provider !== undefined && settings !== undefined && isClusterObject(request.type)
      ? checkObject(urn, request.name, inputs, settings, session.project.config.placeholders)
      : { inputs, generated: [] };
  if (checked.fault) {
    session.faults.push({
      message: `${request.type} "${request.name}": ${checked.fault}`,
      ...(source ? { source } : {}),
    });
  }
  const version = kind === "provider" ? providerVersion(session, { ...request, version: options.version }) : "";
  const isOpaque = kind === "remote" || opaqueTypes.test(request.type);
  session.resources.set(urn, {
    urn,
    type: request.type,
    name: request.name,
    kind,
    ...(parent ? { parent } : {}),
    ...(provider ? { provider: urnOfReference(provider) } : {}),
    inputs: kind === "provider" && version !== "" ? { ...checked.inputs, version } : checked.inputs,
    options: nodeOptions(options, request.aliasURNs),
    ...(options.replacementTrigger ? { replacementTrigger: fromValue(options.replacementTrigger) } : {}),
    dependencies: [...new Set(dependencies)].sort(),
    // The plugin registers a remote component again, with what it depends on but not through which property.
    propertyDependencies: kind === "remote" ? {} : perProperty,
    ...(source ? { source } : {}),
    generated: checked.generated,
    opaque: isOpaque,
    transforms: request.transforms,
    providers: request.custom ? {} : options.providers,
  });
  findOutputTexts(session, request, checked.inputs);
  const object = answer(
    kind,
    request.type === stashType ? { ...checked.inputs, output: checked.inputs.input ?? null } : checked.inputs,
    options.additionalSecretOutputs,
    version,
    settings === undefined,
  );
  await beforeAndAfterCreate(session, options.hooks, {
    urn,
    name: request.name,
    type: request.type,
    newInputs: checked.inputs,
    newOutputs: object,
  });
  return { urn, id: kind === "provider" ? UNKNOWN : "", object: toStruct(object) };
}

/** Answers ReadResource: an existing resource, whose state cannot be seen offline. */
export function read(session: Session, request: ReadResourceRequest): object {
  const parent = request.parent || stackUrn(session);
  const urn = makeUrn(session.project, request.type, request.name, parent);
  const source = fromTrace(request.stackTrace, request.sourcePosition, session.roots);
  const provider = resolveProvider(session, { ...request, parent, providers: {} });
  const isReference = request.type === "pulumi:pulumi:StackReference";
  const outputs = isReference ? session.answers.stack(request.id) : undefined;
  const state: WireObject = isReference
    ? { name: request.id, outputs: outputs ?? UNKNOWN, secretOutputNames: outputs ? [] : UNKNOWN }
    : {};
  if (isReference && !outputs) {
    session.notices.push({
      severity: "info",
      code: "unanswered-stack-reference",
      message: `The outputs of the stack "${request.id}" are unknown. Put them into plinth.invokes.json: "stackReferences": { "${request.id}": { "<output>": <value> } }.`,
      urn,
      ...(source ? { source } : {}),
    });
  }
  session.resources.set(urn, {
    urn,
    type: request.type,
    name: request.name,
    kind: "read",
    parent,
    provider: urnOfReference(provider),
    inputs: { ...fromStruct(request.properties), id: request.id },
    options: {},
    dependencies: [...new Set(request.dependencies)].sort(),
    propertyDependencies: {},
    ...(source ? { source } : {}),
    generated: [],
    opaque: false,
    transforms: [],
    providers: {},
  });
  return { urn, properties: toStruct(state) };
}

function kindOf(request: RegisterResourceRequest): NodeKind {
  if (request.type === stackType) return "stack";
  if (request.type.startsWith("pulumi:providers:")) return "provider";
  return request.remote ? "remote" : request.custom ? "custom" : "component";
}

/** What the program sees as the resource's properties: its inputs, for computed ones nothing. */
function answer(
  kind: NodeKind,
  inputs: WireObject,
  secretOutputs: readonly string[],
  version: string,
  isProviderUnknown: boolean,
): WireObject {
  if (kind === "component" || kind === "remote" || kind === "stack" || isProviderUnknown) return {};
  const visible = forProgram(kind === "provider" && version !== "" ? { ...inputs, version } : inputs);
  const hidden = secretOutputs.map((key): [string, Wire] => {
    const value = visible[key] ?? UNKNOWN;
    return [key, isSecret(value) ? value : secret(value)];
  });
  return { ...visible, ...Object.fromEntries(hidden) };
}

function transformOptions(request: RegisterResourceRequest): TransformOptions {
  return {
    dependsOn: request.dependencies,
    ...(request.protect === undefined ? {} : { protect: request.protect }),
    ...(request.retainOnDelete === undefined ? {} : { retainOnDelete: request.retainOnDelete }),
    ...(request.deleteBeforeReplaceDefined || request.deleteBeforeReplace
      ? { deleteBeforeReplace: request.deleteBeforeReplace }
      : {}),
    ignoreChanges: request.ignoreChanges,
    replaceOnChanges: request.replaceOnChanges,
    version: request.version,
    aliases: request.aliases,
    provider: request.provider,
    customTimeouts: request.customTimeouts,
    pluginDownloadUrl: request.pluginDownloadURL,
    deletedWith: request.deletedWith,
    additionalSecretOutputs: request.additionalSecretOutputs,
    providers: request.providers,
    hooks: request.hooks,
    import: request.importId,
    hideDiff: request.hideDiffs,
    replaceWith: request.replaceWith,
    replacementTrigger: request.replacementTrigger,
  };
}

function inheritOptions(own: TransformOptions, parent: NodeOptions | undefined): TransformOptions {
  const protect = own.protect ?? parent?.protect;
  const retainOnDelete = own.retainOnDelete ?? parent?.retainOnDelete;
  return {
    ...own,
    ...(protect === undefined ? {} : { protect }),
    ...(retainOnDelete === undefined ? {} : { retainOnDelete }),
    deletedWith: own.deletedWith || (parent?.deletedWith ?? ""),
  };
}

/** Options as the graph shows them: what is not set is left out. */
function nodeOptions(options: TransformOptions, aliasUrns: readonly string[]): NodeOptions {
  const hooks = Object.entries(options.hooks ?? {}).filter(([, names]) => names.length > 0);
  const lists = {
    ignoreChanges: options.ignoreChanges,
    replaceOnChanges: options.replaceOnChanges,
    hideDiffs: options.hideDiff,
    additionalSecretOutputs: options.additionalSecretOutputs,
    aliases: [...aliasUrns, ...options.aliases.map(aliasValue)] as readonly Value[],
    replaceWith: options.replaceWith,
  };
  const timeouts = timeoutSeconds(options.customTimeouts);
  const providers = Object.entries(options.providers).map(([pkg, reference]) => [pkg, urnOfReference(reference)]);
  return {
    ...(options.protect ? { protect: true } : {}),
    ...(options.retainOnDelete ? { retainOnDelete: true } : {}),
    ...(options.deleteBeforeReplace === undefined ? {} : { deleteBeforeReplace: options.deleteBeforeReplace }),
    ...(options.deletedWith ? { deletedWith: options.deletedWith } : {}),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(timeouts ? { customTimeouts: timeouts } : {}),
    ...(options.import ? { importId: options.import } : {}),
    ...(hooks.length > 0 ? { hooks: Object.fromEntries(hooks) } : {}),
    ...(providers.length > 0 ? { providers: Object.fromEntries(providers.sort()) } : {}),
  };
}

function aliasValue({ urn, spec }: Alias): Value {
  if (urn || !spec) return urn ?? "";
  const { name, type, stack, project, parentUrn, noParent } = spec;
  const fields = Object.entries({ name, type, stack, project, parent: parentUrn ?? "" }).filter(
    ([, text]) => text !== "",
  );
  return { ...Object.fromEntries(fields), ...(noParent ? { noParent: true } : {}) };
}

function timeoutSeconds(timeouts: CustomTimeouts | null): NodeOptions["customTimeouts"] {
  const entries = (["create", "update", "delete"] as const).flatMap((key) => {
    const text = timeouts?.[key] ?? "";
    if (text === "") return [];
    const seconds = durationSeconds(text);
    if (seconds === undefined) {
      throw new Error(`customTimeouts.${key} is "${text}", which is not a duration such as "10m" or "1h30m"`);
    }
    return [[key, seconds] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** An Output put into a string becomes Pulumi's explanation of that mistake; as a value it would go unnoticed. */
function findOutputTexts(session: Session, request: RegisterResourceRequest, inputs: WireObject): void {
  const isText = (part: Wire): boolean => typeof part === "string" && part.includes(outputTextMark);
  const keys = [
    ...(isText(request.name) ? ["the resource's name"] : []),
    ...Object.entries(inputs).flatMap(([key, value]) => (some(value, isText) ? [`"${key}"`] : [])),
  ];
  if (keys.length === 0) return;
  const source = fromTrace(request.stackTrace, request.sourcePosition, session.roots);
  const name = isText(request.name) ? "" : ` "${request.name}"`;
  session.faults.push({
    message: `${request.type}${name}: ${keys.join(" and ")} was made from an Output as if it were a string. Use pulumi.interpolate\`…\` or output.apply(…)${isText(request.name) ? "; a resource's name must be a plain string" : ""}.`,
    ...(source ? { source } : {}),
  });
}
