import { type Cell, Failure, type Result, Unknown } from "./values.js";

/** What a loop makes of the results of its bodies, item by item. */
export type Loop = (items: readonly Cell[], bodies: readonly ((item: Cell) => Result)[]) => Result;

/** The loops of CEL by their names. */
export const loops: { readonly [name: string]: Loop } = {
  all: (items, [test]) => quantified(items, test, false),
  exists: (items, [test]) => quantified(items, test, true),
  exists_one: (items, [test]) => one(items, test),
  filter: (items, [test]) => filtered(items, test, (item) => item),
  map: (items, [first, second]) =>
    second ? filtered(items, first, second) : filtered(items, () => true, first ?? ((item) => item)),
};

/** `all` (decided by false) and `exists` (decided by true). */
function quantified(items: readonly Cell[], test: ((item: Cell) => Result) | undefined, decides: boolean): Result {
  let open: Unknown | undefined;
  let failure: Failure | undefined;
  for (const item of items) {
    const result = test?.(item);
    if (result === decides) return decides;
    if (result instanceof Unknown) open ??= result;
    else if (typeof result !== "boolean") failure ??= result instanceof Failure ? result : notBool;
  }
  return open ?? failure ?? !decides;
}

function one(items: readonly Cell[], test: ((item: Cell) => Result) | undefined): Result {
  const results = items.map((item) => test?.(item));
  const open = results.find(isUnknown);
  const wrong = results.find((result) => typeof result !== "boolean" && !isUnknown(result));
  if (wrong !== undefined) return isFailure(wrong) ? wrong : notBool;
  const found = results.filter((result) => result === true).length;
  return found > 1 ? false : (open ?? found === 1);
}

/** Whether an item belongs to the list decides how long the list is: an unknown there makes the whole unknown. */
function filtered(
  items: readonly Cell[],
  test: ((item: Cell) => Result) | undefined,
  transform: (item: Cell) => Result,
): Result {
  const kept: Cell[] = [];
  let open: Unknown | undefined;
  for (const item of items) {
    const result = test?.(item);
    if (result instanceof Unknown) open ??= result;
    else if (typeof result !== "boolean") return result instanceof Failure ? result : notBool;
    else if (result) {
      const made = transform(item);
      if (made instanceof Failure) return made;
      kept.push(made);
    }
  }
  return open ?? kept;
}

const notBool = new Failure("a test gives true or false");

function isUnknown(result: unknown): result is Unknown {
  return result instanceof Unknown;
}

function isFailure(result: unknown): result is Failure {
  return result instanceof Failure;
}
