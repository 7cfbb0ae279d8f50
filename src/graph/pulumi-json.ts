import { assembleGraph } from "./assemble.js";
import {
  InputError,
  type NodeKind,
  type NodeOptions,
  type Properties,
  type ResourceGraph,
  type ResourceNode,
  type Value,
} from "./model.js";
import { SIGNATURE, signatures } from "./signatures.js";
import { joinPath } from "./values.js";

/** A resource as Pulumi writes it in `preview --json` and `stack export` (sdk/go/common/apitype/core.go, ResourceV3). */
interface PulumiResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly external?: boolean;
  readonly delete?: boolean;
  readonly parent?: string;
  readonly provider?: string;
  readonly inputs?: Json;
  readonly outputs?: Json;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly [option: string]: unknown;
}

interface Json {
  readonly [key: string]: unknown;
}

/** Whether a text looks like one of the two that `readPulumiJson` reads. */
export function isPulumiJson(text: string): boolean {
  return /"deployment"\s*:/.test(text) || (/"steps"\s*:/.test(text) && /"newState"\s*:/.test(text));
}

/**
 * The graph of what `pulumi preview --json` proposes or of what `pulumi stack export` holds. What a preview does not know
 * yet is unknown, what either withholds or encrypts is a secret.
 *
 * @param origin what to call the text in messages, usually the file's name
 * @throws InputError when the text is neither.
 */
export function readPulumiJson(text: string, origin: string): ResourceGraph {
  const resources = resourcesOf(parse(text, origin), origin).filter((resource) => resource.delete !== true);
  const [stack = "", project = ""] = nameParts(resources[0]?.urn ?? "");
  return assembleGraph({ origin: "pulumi", project, stack, nodes: resources.map(nodeOf) });
}

function resourcesOf(value: unknown, origin: string): PulumiResource[] {
  if (isJson(value) && isJson(value.deployment)) return list(value.deployment.resources);
  if (isJson(value) && Array.isArray(value.steps)) {
    // A step without a new state deletes; the same resource may have more than one step when it is replaced.
    const states = list<Json>(value.steps).flatMap(({ newState }) => (isJson(newState) ? [newState] : []));
    return [...new Map((states as unknown as PulumiResource[]).map((state) => [state.urn, state])).values()];
  }
  throw new InputError(
    `${origin}: neither the output of "pulumi preview --json" nor of "pulumi stack export": it has no steps and no deployment.`,
  );
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME`; a name may hold "::" itself. */
function nameParts(urn: string): string[] {
  const [stack = "", project = "", , ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  return [stack, project, name.join("::")];
}

function nodeOf(resource: PulumiResource): ResourceNode {
  const { urn, type, parent, provider, dependencies = [] } = resource;
  const own = Object.entries(resource.propertyDependencies ?? {});
  const sources = Object.fromEntries(own.map(([property, urns]) => [property, urns ?? []]));
  const kind = kindOf(resource);
  const outputs = kind === "component" || kind === "stack" ? toValues(resource.outputs ?? {}, urn, sources) : undefined;
  return {
    urn,
    type,
    name: nameParts(urn)[2] ?? "",
    kind,
    ...(parent !== undefined && parent !== "" && { parent }),
    // `URN::ID`; only the URN says which provider it is.
    ...(provider !== undefined && provider !== "" && { provider: provider.replace(/::[^:]*$/, "") }),
    inputs: toValues(resource.inputs ?? {}, urn, sources),
    ...(outputs && { outputs }),
    options: optionsOf(resource),
    dependencies: dependencies ?? [],
    propertyDependencies: sources,
    ...positionOf(resource),
  };
}

/** Pulumi writes `project:///index.ts#31,3`. */
function positionOf({ sourcePosition }: PulumiResource): Pick<ResourceNode, "source"> {
  const [, file, line, column] = /^project:\/\/\/([^#]+)#(\d+)(?:,(\d+))?$/.exec(String(sourcePosition ?? "")) ?? [];
  if (file === undefined || Number(line) < 1) return {};
  const at = Number(column) >= 1 ? { column: Number(column) } : {};
  return { source: { file: decodeURI(file), line: Number(line), ...at } };
}

function kindOf({ type, custom, external }: PulumiResource): NodeKind {
  if (type === "pulumi:pulumi:Stack") return "stack";
  if (type.startsWith("pulumi:providers:")) return "provider";
  if (!custom) return "component";
  return external === true ? "read" : "custom";
}

const copied = [
  "protect",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "ignoreChanges",
  "replaceOnChanges",
  "additionalSecretOutputs",
  "customTimeouts",
] as const satisfies readonly (keyof NodeOptions)[];

function optionsOf(resource: PulumiResource): NodeOptions {
  return Object.fromEntries(copied.flatMap((name) => (resource[name] ? [[name, resource[name]]] : [])));
}

/** One sentinel for each type of value that is not known yet: sdk/go/common/resource/plugin/rpc.go, Unknown…Value. */
const unknowns = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

type Sources = Readonly<Record<string, readonly string[]>>;

function toValues(values: Json, urn: string, sources: Sources): Properties {
  return Object.fromEntries(
    Object.entries(values)
      // What a provider keeps for itself (`__fieldManager`) is nothing that the program said.
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [key, toValue(value, urn, joinPath("", key), sources[key] ?? [])]),
  );
}

function toValue(value: unknown, urn: string, path: string, from: readonly string[]): Value {
  if (typeof value === "string") {
    if (unknowns.has(value)) return unknown(urn, path, from);
    // What the CLI prints in place of a secret.
    return value === "[secret]" ? { $secret: `${urn}.${path}` } : value;
  }
  if (Array.isArray(value)) return value.map((item, index) => toValue(item, urn, `${path}[${index}]`, from));
  if (!isJson(value)) return typeof value === "number" || typeof value === "boolean" ? value : null;
  return special(value, urn, path, from) ?? inside(value, urn, path, from);
}

function inside(value: Json, urn: string, path: string, from: readonly string[]): Properties {
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toValue(item, urn, joinPath(path, key), from)]),
  );
}

function special(value: Json, urn: string, path: string, from: readonly string[]): Value | undefined {
  switch (value[SIGNATURE]) {
    case signatures.secret: {
      const hidden = typeof value.plaintext === "string" ? parsed(value.plaintext) : undefined;
      const isUnknown = typeof hidden === "string" && unknowns.has(hidden);
      return { $secret: isUnknown ? unknown(urn, path, from) : `${urn}.${path}` };
    }
    case signatures.resource:
      return { $resource: String(value.urn ?? "") };
    case signatures.output:
      return value.value === undefined ? unknown(urn, path, from) : toValue(value.value, urn, path, from);
    case signatures.asset:
    case signatures.archive: {
      const isArchive = value[SIGNATURE] === signatures.archive;
      const at = value.path ?? value.uri ?? value.hash;
      const kind = isArchive ? "archive" : value.path !== undefined ? "file" : value.uri !== undefined ? "uri" : "text";
      return { $asset: { kind, at: String(at ?? "") } };
    }
    default:
      return undefined;
  }
}

/** What makes an unknown value is written nowhere; the resource that the property depends on is the nearest word for it. */
function unknown(urn: string, path: string, [only, ...others]: readonly string[]): { readonly $unknown: string } {
  return { $unknown: only !== undefined && others.length === 0 ? only : `${urn}.${path}` };
}

function parse(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${origin}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
