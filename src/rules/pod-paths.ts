import type { Properties, Value } from "../graph/model.js";
import { isPlainObject, joinPath } from "../graph/values.js";
import { read, undecidedBy } from "./truth.js";

/** What stands at a path. */
export interface Found {
  readonly path: string;
  readonly value: Value;
  /** What the wildcards on the way stood for. */
  readonly keys: readonly (string | number)[];
}

/** What is there: null is as absent to Kubernetes (https://kubernetes.io/docs/reference/using-api/api-concepts/). */
export function isTold(value: Value | undefined): value is Value {
  return value !== undefined && value !== null;
}

/** Everything at a path with wildcards; an unknown on the way stands for all that is below it. */
export function find(
  value: Value | undefined,
  segments: readonly string[],
  path = "",
  keys: readonly (string | number)[] = [],
): Found[] {
  const [segment, ...rest] = segments;
  if (!isTold(value)) return [];
  if (segment === undefined || undecidedBy(value)) return [{ path, value, keys }];
  if (segment === "[*]") {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item, index) => find(item, rest, `${path}[${index}]`, [...keys, index]));
  }
  if (!isPlainObject(value)) return [];
  if (segment !== "{*}") return find(value[segment], rest, joinPath(path, segment), keys);
  return Object.entries(value).flatMap(([key, item]) => find(item, rest, joinPath(path, key), [...keys, key]));
}

/** `a.b[*].c{*}` as `a`, `b`, `[*]`, `c`, `{*}`. */
export function parsePath(path: string): string[] {
  return path.match(/[^.[{]+|\[\*\]|\{\*\}/g) ?? [];
}

/** A path whose wildcards stand for these keys. */
export function fillIn(wild: string, keys: readonly (string | number)[]): string {
  const left = [...keys];
  return parsePath(wild).reduce((path, segment) => {
    if (segment === "[*]") return `${path}[${left.shift()}]`;
    return joinPath(path, segment === "{*}" ? String(left.shift()) : segment);
  }, "");
}

/** The value at a path without wildcards, as `read` gives it. */
export function valueAtPath(object: Properties, path: string): Value | undefined {
  const segments = path.match(/[^.[\]"]+|"(?:[^"\\]|\\.)*"/g) ?? [];
  return read(
    object,
    segments.map((segment) => (segment.startsWith('"') ? (JSON.parse(segment) as string) : segment)),
  );
}
