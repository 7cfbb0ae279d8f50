import type { Value } from "../model.js";
import { isPlainObject, joinPath } from "../values.js";

/** A key of an object, an index of a list, or an entry of a list by what names it. */
export type Segment = string | number | { readonly by: string; readonly is: string };

/** `spec.containers[name=server].ports[0]`. */
export function pathText(segments: readonly Segment[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === "number") return `${path}[${segment}]`;
    if (typeof segment === "string") return joinPath(path, segment);
    return `${path}[${segment.by}=${segment.is}]`;
  }, "");
}

/**
 * The parts of a property path as Pulumi's options write them: `a.b[0]["c.d"]`, `[*]` and `*` for all.
 * https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 */
export function pattern(text: string): string[] {
  return [...text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, word]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? word ?? "",
  );
}

/** Whether the changed value is the one the pattern names, or inside it. */
export function isWithin(segments: readonly Segment[], parts: readonly string[]): boolean {
  return parts.length <= segments.length && parts.every((part, index) => fits(segments[index], part));
}

/**
 * Whether the change is about what the pattern names: it is there or below, or a whole object around it came or went with
 * something there.
 */
export function concerns(
  segments: readonly Segment[],
  parts: readonly string[],
  values: readonly (Value | undefined)[],
): boolean {
  if (parts.length <= segments.length) return isWithin(segments, parts);
  if (!segments.every((segment, index) => fits(segment, parts[index] ?? ""))) return false;
  return values.some((value) => holds(value, parts.slice(segments.length)));
}

function fits(segment: Segment | undefined, part: string): boolean {
  return part === "*" || (typeof segment !== "object" && String(segment) === part);
}

function holds(value: Value | undefined, [part, ...rest]: readonly string[]): boolean {
  if (value === undefined) return false;
  if (part === undefined) return true;
  return childrenAt(value, part).some((child) => holds(child, rest));
}

/** What a value has at one part of a pattern. */
export function childrenAt(value: Value, part: string): readonly Value[] {
  if (Array.isArray(value)) return part === "*" ? value : value.slice(Number(part), Number(part) + 1);
  if (!isPlainObject(value)) return [];
  if (part === "*") return Object.values(value);
  const child = value[part];
  return Object.hasOwn(value, part) && child !== undefined ? [child] : [];
}
