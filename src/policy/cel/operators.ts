import { Quantity } from "./quantity.js";
import { type CelValue, Failure, isList, isMap, type Result, TypeValue, Unknown } from "./values.js";

/** The name of a value's type, as CEL has it. */
export function typeName(value: CelValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "boolean":
      return "bool";
    default:
      if (value === null) return "null_type";
      if (isList(value)) return "list";
      if (isMap(value)) return "map";
      return value instanceof Quantity ? "kubernetes.Quantity" : "type";
  }
}

/**
 * Equality of any two values: of different types false, of numbers by value
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md#equality). With an unknown inside it is false when the
 * rest differs.
 */
export function equal(a: Result, b: Result): boolean | Unknown | Failure {
  if (a instanceof Failure) return a;
  if (b instanceof Failure) return b;
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  if (isList(a)) return isList(b) && a.length === b.length ? allEqual(a.map((item, at) => [item, b[at]])) : false;
  if (isMap(a))
    return isMap(b) && a.size === b.size ? allEqual([...a].map(([key, item]) => [item, b.get(key)])) : false;
  if (typeof a === "bigint" || typeof a === "number") {
    // biome-ignore lint/suspicious/noDoubleEquals: the one comparison that takes an int and a double
    return (typeof b === "bigint" || typeof b === "number") && a == b;
  }
  if (a instanceof Quantity) return b instanceof Quantity && a.nanos === b.nanos;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  return a === b;
}

function allEqual(pairs: readonly (readonly [Result, Result | undefined])[]): boolean | Unknown | Failure {
  let open: Unknown | Failure | undefined;
  for (const [a, b] of pairs) {
    if (b === undefined) return false;
    const same = equal(a, b);
    if (same === false) return false;
    if (same !== true) open ??= same;
  }
  return open ?? true;
}

/** `a in b`: an item of a list, a key of a map. */
export function isIn(a: Result, b: Result): boolean | Unknown | Failure {
  if (a instanceof Failure) return a;
  if (b instanceof Failure || b instanceof Unknown) return b;
  if (isMap(b)) {
    if (a instanceof Unknown) return a;
    const found = typeof a === "string" ? b.get(a) : undefined;
    return found instanceof Unknown && !found.isThere ? found : found !== undefined;
  }
  if (!isList(b)) return noOverload("in", a, b);
  let open: Unknown | Failure | undefined;
  for (const item of b) {
    const same = equal(a, item);
    if (same === true) return true;
    if (same !== false) open ??= same;
  }
  return open ?? false;
}

export type Binary = (a: CelValue, b: CelValue) => Result;

/** The operators that need both their sides. */
export const strictOperators: { readonly [operator: string]: Binary } = {
  "+": (a, b) => {
    if (typeof a === "string" && typeof b === "string") return a + b;
    if (isList(a) && isList(b)) return [...a, ...b];
    return arithmetic(
      "+",
      a,
      b,
      (x, y) => x + y,
      (x, y) => x + y,
    );
  },
  "-": (a, b) =>
    arithmetic(
      "-",
      a,
      b,
      (x, y) => x - y,
      (x, y) => x - y,
    ),
  "*": (a, b) =>
    arithmetic(
      "*",
      a,
      b,
      (x, y) => x * y,
      (x, y) => x * y,
    ),
  "/": (a, b) =>
    b === 0n
      ? new Failure("division by zero")
      : arithmetic(
          "/",
          a,
          b,
          (x, y) => x / y,
          (x, y) => x / y,
        ),
  "%": (a, b) => {
    if (typeof a !== "bigint" || typeof b !== "bigint") return noOverload("%", a, b);
    return b === 0n ? new Failure("modulus by zero") : a % b;
  },
  "<": (a, b) => ordered("<", a, b, (x, y) => x < y),
  "<=": (a, b) => ordered("<=", a, b, (x, y) => x <= y),
  ">": (a, b) => ordered(">", a, b, (x, y) => x > y),
  ">=": (a, b) => ordered(">=", a, b, (x, y) => x >= y),
};

function arithmetic(
  operator: string,
  a: CelValue,
  b: CelValue,
  ints: (x: bigint, y: bigint) => bigint,
  doubles: (x: number, y: number) => number,
): Result {
  if (typeof a === "number" && typeof b === "number") return doubles(a, b);
  if (typeof a !== "bigint" || typeof b !== "bigint") return noOverload(operator, a, b);
  return int64(ints(a, b));
}

/** An int of CEL has 64 bits. */
export function int64(value: bigint): Result {
  return BigInt.asIntN(64, value) === value ? value : new Failure("integer overflow");
}

function ordered(
  operator: string,
  a: CelValue,
  b: CelValue,
  compare: (x: string | bigint | number | boolean, y: string | bigint | number | boolean) => boolean,
): Result {
  const isNumber = (value: CelValue) => typeof value === "bigint" || typeof value === "number";
  if (typeof a === "string" && typeof b === "string") return compare(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return compare(a, b);
  if (isNumber(a) && isNumber(b)) return compare(a as bigint, b as bigint);
  return noOverload(operator, a, b);
}

export function noOverload(operator: string, ...operands: readonly Result[]): Failure {
  const types = operands.map((each) =>
    each instanceof Unknown || each instanceof Failure ? "unknown" : typeName(each),
  );
  return new Failure(`${operator} is not defined for ${types.join(" and ")}`);
}
