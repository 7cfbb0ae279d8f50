import type { Patch } from "../../rules/rule.js";

type Key = string | number;
type Container = Record<Key, unknown>;

/** The value with the patches applied in their order; the value itself is left as it is. Maps on the way are made. */
export function applyPatches<T>(value: T, patches: readonly Patch[]): T {
  const copy = structuredClone(value);
  for (const patch of patches) applyPatch(copy, patch);
  return copy;
}

function applyPatch(root: unknown, patch: Patch): void {
  const moved = patch.op === "move" ? read(root, patch.path) : patch.value;
  if (patch.op !== "set") remove(root, patch.path);
  if (patch.op !== "remove") set(root, (patch.op === "move" ? patch.to : patch.path) ?? [], moved);
}

function read(root: unknown, path: readonly Key[]): unknown {
  return path.reduce<unknown>((at, key) => (isContainer(at) ? at[key] : undefined), root);
}

function set(root: unknown, path: readonly Key[], value: unknown): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let at = root;
  for (const [index, key] of path.slice(0, -1).entries()) {
    if (!isContainer(at)) return;
    // A number after the key means that a list is missing, else a map.
    at[key] ??= typeof path[index + 1] === "number" ? [] : {};
    at = at[key];
  }
  if (isContainer(at)) at[last] = value;
}

function remove(root: unknown, path: readonly Key[]): void {
  const at = read(root, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(at) && typeof last === "number") at.splice(last, 1);
  else if (isContainer(at) && last !== undefined) delete at[last];
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}
