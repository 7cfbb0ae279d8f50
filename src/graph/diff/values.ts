import { compareText } from "../assemble.js";
import type { Value } from "../model.js";
import { isPlainObject, isSecret, secretPlace, unknownPlace } from "../values.js";
import type { PathChange } from "./model.js";
import type { Segment } from "./paths.js";

/** A difference before it is known what it means. */
export interface ValueChange extends Pick<PathChange, "change" | "certain"> {
  readonly segments: readonly Segment[];
  readonly before?: Value;
  readonly after?: Value;
}

export interface Comparing {
  /** The place in the head that a place or URN of the base goes on as. */
  readonly renamed: (place: string) => string;
  /** Whether what makes the value at this place of the head is replaced, so that the value is another one. */
  readonly isMadeAnew: (place: string) => boolean;
  /** Whether two withheld values are the same; undefined when the process does not know both. */
  readonly sameSecret: (base: string, head: string) => boolean | undefined;
}

/** The differences between two values, path by path. */
export function diffValues(
  before: Value | undefined,
  after: Value | undefined,
  comparing: Comparing,
  segments: readonly Segment[] = [],
): ValueChange[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [{ segments, change: "added", after: after as Value, certain: true }];
  if (after === undefined) return [{ segments, change: "removed", before, certain: true }];
  if (isPlainObject(before) && isPlainObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
    return keys.flatMap((key) => diffValues(own(before, key), own(after, key), comparing, [...segments, key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) return diffLists(before, after, comparing, segments);
  const same = isSame(before, after, comparing);
  return same === true ? [] : [{ segments, change: "changed", before, after, certain: same === false }];
}

function own(value: { readonly [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** False when they differ, undefined when a value known only after deployment decides. */
function isSame(before: Value, after: Value, { renamed, isMadeAnew, sameSecret }: Comparing): boolean | undefined {
  const unknown = [unknownPlace(before), unknownPlace(after)] as const;
  if (unknown[0] !== undefined || unknown[1] !== undefined) {
    if (isSecret(before) !== isSecret(after)) return false;
    const isOfSame = unknown[0] !== undefined && renamed(unknown[0]) === unknown[1];
    return isOfSame && !isMadeAnew(unknown[1] ?? "") ? true : undefined;
  }
  const [left, right] = [secretPlace(before), secretPlace(after)];
  // Two that cannot be compared are taken for equal, and counted: a difference of every secret would say nothing.
  if (left !== undefined && right !== undefined) return sameSecret(left, right) ?? true;
  return (
    JSON.stringify(before, (key, value) => (key === "$resource" ? renamed(String(value)) : value)) ===
    JSON.stringify(after)
  );
}

/** Lists whose entries all have names of their own are compared by name, others by index. */
function diffLists(
  before: readonly Value[],
  after: readonly Value[],
  comparing: Comparing,
  segments: readonly Segment[],
): ValueChange[] {
  const by = before.length > 0 && after.length > 0 ? namesOf(before, after) : undefined;
  if (by === undefined) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      diffValues(before[index], after[index], comparing, [...segments, index]),
    );
  }
  const [left, right] = [named(before, by), named(after, by)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const differences = names.flatMap((name) =>
    diffValues(left.get(name), right.get(name), comparing, [...segments, { by, is: name }]),
  );
  const [kept, now] = [
    [...left.keys()].filter((name) => right.has(name)),
    [...right.keys()].filter((name) => left.has(name)),
  ];
  if (kept.every((name, index) => name === now[index])) return differences;
  return [
    ...differences,
    { segments, change: "reordered", before: [...left.keys()], after: [...right.keys()], certain: true },
  ];
}

/** Fields that name the entries of lists, in Kubernetes (`patchMergeKey`) and in the clouds' resources. */
const naming = ["name", "id", "key", "mountPath", "containerPort"];

function namesOf(before: readonly Value[], after: readonly Value[]): string | undefined {
  return naming.find((field) =>
    [before, after].every((list) => {
      const names = list.map((item) => nameAt(item, field));
      return names.every((name) => name !== undefined) && new Set(names).size === names.length;
    }),
  );
}

function nameAt(item: Value, field: string): string | undefined {
  const value = isPlainObject(item) ? own(item, field) : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function named(list: readonly Value[], by: string): ReadonlyMap<string, Value> {
  return new Map(list.map((item) => [nameAt(item, by) ?? "", item]));
}
