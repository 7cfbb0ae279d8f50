import type { Value } from "../graph/model.js";
import { secretPlace, unknownPlace } from "../graph/values.js";

/**
 * Three-valued answers, in Kleene's logic as CEL's `&&`, `||`, `all` and `exists` have it: a definite answer wins
 * over an unknown one on either side (https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators).
 */
export type Truth = boolean | Undecided;

/** Not known before deployment, or withheld: the place (`<urn>.<path>`) that decides. */
export interface Undecided {
  readonly undecided: string;
}

export function isUndecided(truth: Truth): truth is Undecided {
  return typeof truth === "object";
}

export function not(truth: Truth): Truth {
  return isUndecided(truth) ? truth : !truth;
}

/** True when all are; false when one is, whatever else is unknown. True of none. */
export function both(...truths: readonly Truth[]): Truth {
  return every(truths, (truth) => truth);
}

/** True when one is, whatever else is unknown; false when all are. False of none. */
export function either(...truths: readonly Truth[]): Truth {
  return some(truths, (truth) => truth);
}

/** As `all` of CEL. An unknown list is undecided; an absent one, or what is no list, counts as empty. */
export function every<T>(list: readonly T[], test: (item: T, index: number) => Truth): Truth;
export function every(list: Value | undefined, test: (item: Value, index: number) => Truth): Truth;
export function every<T>(list: readonly T[] | Value | undefined, test: (item: T, index: number) => Truth): Truth {
  return not(some(list as readonly T[], (item, index) => not(test(item, index))));
}

/** As `exists` of CEL. An unknown list is undecided; an absent one, or what is no list, counts as empty. */
export function some<T>(list: readonly T[], test: (item: T, index: number) => Truth): Truth;
export function some(list: Value | undefined, test: (item: Value, index: number) => Truth): Truth;
export function some<T>(list: readonly T[] | Value | undefined, test: (item: T, index: number) => Truth): Truth {
  if (!Array.isArray(list)) return undecidedBy(list as Value | undefined) ?? false;
  let open: Undecided | undefined;
  for (const [index, item] of (list as readonly T[]).entries()) {
    const truth = test(item, index);
    if (truth === true) return true;
    if (isUndecided(truth)) open ??= truth;
  }
  return open ?? false;
}

/** What makes this value unknown or withholds it; undefined when the value can be read. */
export function undecidedBy(value: Value | undefined): Undecided | undefined {
  const place = unknownPlace(value) ?? secretPlace(value);
  return place === undefined ? undefined : { undecided: place };
}

/** Asks about a value when it can be read (undefined: it is absent), else is undecided. */
export function given(value: Value | undefined, test: (value: Value | undefined) => Truth): Truth {
  return undecidedBy(value) ?? test(value);
}

/** Whether the value is this one. */
export function is(value: Value | undefined, expected: string | number | boolean | undefined): Truth {
  return given(value, (known) => known === expected);
}

/** Whether two values, of which either may be unknown, are equal texts, numbers or booleans. */
export function same(a: Value | undefined, b: Value | undefined): Truth {
  return given(a, (known) => given(b, (other) => known === other));
}

/**
 * The value at these keys; undefined when it is absent. When an unknown or withheld value stands on the way, that
 * value: `given(read(spec, ["replicas"]), ...)` is then undecided.
 */
export function read(value: Value | undefined, keys: readonly (string | number)[]): Value | undefined {
  let at = value;
  for (const key of keys) {
    if (undecidedBy(at)) return at;
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as { readonly [key: string | number]: Value })[key];
  }
  return at;
}
