import { createHash } from "node:crypto";
import { isAbsolute, relative, sep } from "node:path";
import { sortKeys } from "../graph/assemble.js";
import type { AssetValue, Properties, Value } from "../graph/model.js";
import { isObject, isUnknown, signatureOf, UNKNOWN, type Wire, type WireObject } from "./wire.js";

/** What is needed to turn what arrived into values of the graph. */
export interface ValueContext {
  readonly placeholders: ReadonlyMap<string, string>;
  /** Asset paths are shown relative to this folder. */
  readonly project: string;
  /** Inputs by URN, to follow an unknown that was only handed on to the resource that makes it. */
  readonly inputsOf: (urn: string) => WireObject | undefined;
  readonly secrets: Map<string, unknown>;
}

const joinPath = (path: string, key: string | number): string => {
  if (typeof key === "number") return `${path}[${key}]`;
  return /^[^.[\]"\s]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
};

/**
 * @param place where the value stands: `<urn>.<path>`
 * @param dependencies URNs the value comes from: what an unknown is named by when the program told no trail
 */
export function toGraphValue(
  value: Wire,
  place: string,
  dependencies: readonly string[],
  context: ValueContext,
): Value {
  const inner = (part: Wire, key: string | number): Value =>
    toGraphValue(part, joinPath(place, key), dependencies, context);
  if (typeof value === "string") {
    if (isUnknown(value)) return { $unknown: originOf(value, dependencies, context) };
    const key = placeholderIn(value, context);
    return key === undefined ? value : { $secret: { $unknown: `config:${key}` } };
  }
  if (Array.isArray(value)) return value.map(inner);
  if (!isObject(value)) return value as Value;
  switch (signatureOf(value)) {
    case "secret":
      return toSecret(value.value ?? null, place, dependencies, context);
    case "output": {
      const known = "value" in value ? (value.value ?? null) : (value.origin ?? UNKNOWN);
      return value.secret === true
        ? toSecret(known, place, dependencies, context)
        : toGraphValue(known, place, (value.dependencies as readonly string[] | undefined) ?? dependencies, context);
    }
    case "resource":
      return { $resource: String(value.urn) };
    case "asset":
    case "archive":
      return toAsset(value, context);
    default:
      return Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, inner(value[key]!, key)]),
      );
  }
}

/** Each property of a resource at its place. @param dependencies for each property, the URNs its value comes from */
export function toProperties(
  values: WireObject,
  place: string,
  dependencies: Readonly<Record<string, readonly string[]>>,
  context: ValueContext,
): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      toGraphValue(value, `${place}.${key}`, dependencies[key] ?? [], context),
    ]),
  );
}

function toSecret(value: Wire, place: string, dependencies: readonly string[], context: ValueContext): Value {
  const shown = toGraphValue(value, place, dependencies, context);
  if (typeof shown === "object" && shown !== null && "$unknown" in shown)
    return { $secret: shown as { $unknown: string } };
  if (typeof shown === "object" && shown !== null && "$secret" in shown) return shown;
  context.secrets.set(place, plain(value));
  return { $secret: place };
}

/** The value itself, without signatures: what a run in this process may look up. */
function plain(value: Wire): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return isUnknown(value) ? undefined : value;
  const kind = signatureOf(value);
  if (kind === "secret" || kind === "output") return plain(value.value ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function originOf(value: string, dependencies: readonly string[], context: ValueContext): string {
  const [urn = "", ...path] = value.slice(UNKNOWN.length + 1).split("\n");
  if (urn === "") return [...dependencies].sort()[0] ?? "unknown";
  const keys = path.filter((key) => key !== "");
  const handedOn = keys.reduce<Wire | undefined>((part, key) => step(part, key), context.inputsOf(urn));
  // Guards against a resource that feeds on itself through a cycle of names.
  if (isUnknown(handedOn) && handedOn !== value) return originOf(handedOn, [urn], context);
  return keys.reduce((text, key) => joinPath(text, /^\d+$/.test(key) ? Number(key) : key), urn);
}

function step(part: Wire | undefined, key: string): Wire | undefined {
  if (isUnknown(part)) return part;
  if (Array.isArray(part)) return part[Number(key)] as Wire | undefined;
  if (!isObject(part)) return undefined;
  return signatureOf(part) === "secret" ? step(part.value, key) : part[key];
}

function placeholderIn(text: string, context: ValueContext): string | undefined {
  for (const [key, mark] of context.placeholders) if (text.includes(mark)) return key;
  return undefined;
}

function toAsset(value: WireObject, context: ValueContext): AssetValue {
  if (signatureOf(value) === "archive" && value.assets !== undefined) {
    const parts = Object.entries(value.assets as WireObject).map(([name, part]) => [
      name,
      isObject(part) ? toAsset(part, context) : part,
    ]);
    return { $asset: { kind: "archive", at: hash(JSON.stringify(sortKeys(Object.fromEntries(parts)))) } };
  }
  if (typeof value.path === "string") {
    const path = isAbsolute(value.path) ? relative(context.project, value.path) : value.path;
    return { $asset: { kind: signatureOf(value) === "archive" ? "archive" : "file", at: path.split(sep).join("/") } };
  }
  if (typeof value.uri === "string") return { $asset: { kind: "uri", at: value.uri } };
  return { $asset: { kind: "text", at: hash(String(value.text ?? "")) } };
}

const hash = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
