import type { Properties, Value } from "./model.js";

/** The place (`<urn>.<path>`) that makes this value at deployment; undefined when the value is known. */
export function unknownPlace(value: Value | undefined): string | undefined {
  const place = onlyField(value, "$unknown");
  if (typeof place === "string") return place;
  const secret = onlyField(value, "$secret");
  return secret === undefined ? undefined : unknownPlace(secret);
}

/** The place (`<urn>.<path>`) of a withheld value that is known to the process; undefined for everything else. */
export function secretPlace(value: Value | undefined): string | undefined {
  const place = onlyField(value, "$secret");
  return typeof place === "string" ? place : undefined;
}

/** True for a secret, whether its value is known or not. */
export function isSecret(value: Value | undefined): boolean {
  return onlyField(value, "$secret") !== undefined;
}

/** True for a plain object of the program, false for the markers `$unknown`, `$secret`, `$resource` and `$asset`. */
export function isPlainObject(value: Value | undefined): value is Properties {
  return isObject(value) && !markers.some((marker) => onlyField(value, marker) !== undefined);
}

/** One value inside a tree of values, with its path: `spec.containers[0].image`, `labels["a/b"]`. */
export interface Leaf {
  readonly path: string;
  readonly value: Value;
}

/** Every value that is not a list or a plain object, in the order of the tree. */
export function* leaves(value: Value, path = ""): Generator<Leaf> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leaves(item, `${path}[${index}]`);
  } else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* leaves(item, joinPath(path, key));
  } else yield { path, value };
}

/** `a.b`, or `a["b/c"]` when the key is not a plain word. */
export function joinPath(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** The value at this list of keys; the marker itself when an unknown or secret stands on the way. */
export function valueAt(value: Value | undefined, keys: readonly string[]): Value | undefined {
  const [key, ...rest] = keys;
  if (key === undefined || !isPlainObject(value)) return keys.length === 0 || isMarker(value) ? value : undefined;
  return valueAt(value[key], rest);
}

const markers = ["$unknown", "$secret", "$resource", "$asset"];

function isMarker(value: Value | undefined): boolean {
  return isObject(value) && !isPlainObject(value);
}

function isObject(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function onlyField(value: Value | undefined, field: string): Value | undefined {
  return isObject(value) && Object.hasOwn(value, field) && Object.keys(value).length === 1 ? value[field] : undefined;
}
