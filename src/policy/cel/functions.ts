import { equal, int64, noOverload, strictOperators, typeName } from "./operators.js";
import {
  add,
  asDouble,
  asInteger,
  compareTo,
  isQuantity,
  ofInt,
  type Quantity,
  quantity,
  subtract,
} from "./quantity.js";
import { regex } from "./regex.js";
import { type Cell, type CelValue, Failure, type Result, TypeValue, Unknown } from "./values.js";

/** A function of CEL with the types that it takes; the first of a method is what it is called on. */
export interface Overload {
  /** `string.replace(string, string): string`. */
  readonly signature: string;
  readonly run: (...args: readonly never[]) => Result;
  /** Not in the library that parses, which must be told of it. */
  readonly isAdded?: true;
}

/**
 * The functions of the subset.
 *
 * CEL's own: https://github.com/google/cel-spec/blob/master/doc/langdef.md#list-of-standard-definitions. Texts:
 * https://github.com/google/cel-go/blob/v0.26.0/ext/strings.go, positions are counted in Unicode characters. Lists and
 * quantities: https://github.com/kubernetes/apiserver/tree/v0.36.3/pkg/cel/library.
 */
export const overloads: readonly Overload[] = [
  { signature: "size(string): int", run: (text: string) => BigInt([...text].length) },
  { signature: "size(list): int", run: (list: readonly Cell[]) => BigInt(list.length) },
  { signature: "size(map): int", run: (map: ReadonlyMap<string, Cell>) => BigInt(map.size) },
  { signature: "string.size(): int", run: (text: string) => BigInt([...text].length) },
  { signature: "list.size(): int", run: (list: readonly Cell[]) => BigInt(list.length) },
  { signature: "map.size(): int", run: (map: ReadonlyMap<string, Cell>) => BigInt(map.size) },
  { signature: "dyn(dyn): dyn", run: (value: CelValue) => value },
  { signature: "type(dyn): type", run: (value: CelValue) => new TypeValue(typeName(value)) },
  { signature: "string(dyn): string", run: (value: CelValue) => asText(value) },
  { signature: "int(dyn): int", run: (value: CelValue) => asInt(value) },
  { signature: "double(dyn): double", run: (value: CelValue) => asNumber(value) },
  { signature: "string.contains(string): bool", run: (text: string, part: string) => text.includes(part) },
  { signature: "string.startsWith(string): bool", run: (text: string, part: string) => text.startsWith(part) },
  { signature: "string.endsWith(string): bool", run: (text: string, part: string) => text.endsWith(part) },
  { signature: "string.matches(string): bool", run: matches },
  { signature: "string.split(string): list<string>", run: (text: string, by: string) => text.split(by) },
  { signature: "string.split(string, int): list<string>", run: split },
  { signature: "string.substring(int): string", run: (text: string, from: bigint) => substring(text, from) },
  { signature: "string.substring(int, int): string", run: substring },
  {
    signature: "string.replace(string, string): string",
    run: (text: string, old: string, by: string) => text.replaceAll(old, () => by),
    isAdded: true,
  },
  {
    signature: "string.lowerAscii(): string",
    run: (text: string) => text.replace(/[A-Z]+/g, (each) => each.toLowerCase()),
  },
  {
    signature: "string.upperAscii(): string",
    run: (text: string) => text.replace(/[a-z]+/g, (each) => each.toUpperCase()),
  },
  { signature: "string.trim(): string", run: (text: string) => text.trim() },
  { signature: "string.indexOf(string): int", run: (text: string, part: string) => position(text, text.indexOf(part)) },
  {
    signature: "string.lastIndexOf(string): int",
    run: (text: string, part: string) => position(text, text.lastIndexOf(part)),
  },
  { signature: "list.join(): string", run: (list: readonly Cell[]) => join(list, "") },
  { signature: "list.join(string): string", run: join },
  { signature: "list.sum(): dyn", run: sum, isAdded: true },
  { signature: "list.min(): dyn", run: (list: readonly Cell[]) => extreme(list, "<"), isAdded: true },
  { signature: "list.max(): dyn", run: (list: readonly Cell[]) => extreme(list, ">"), isAdded: true },
  {
    signature: "list.indexOf(dyn): int",
    run: (list: readonly Cell[], item: CelValue) => indexOf(list, item, list.keys()),
    isAdded: true,
  },
  {
    signature: "list.lastIndexOf(dyn): int",
    run: (list: readonly Cell[], item: CelValue) => indexOf(list, item, [...list.keys()].reverse()),
    isAdded: true,
  },
  { signature: "isQuantity(string): bool", run: (text: string) => isQuantity(text), isAdded: true },
  {
    signature: "quantity(string): kubernetes.Quantity",
    run: (text: string) => quantity(text) ?? new Failure(`${JSON.stringify(text)} is not a quantity`),
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool",
    run: (a: Quantity, b: Quantity) => compareTo(a, b) > 0n,
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool",
    run: (a: Quantity, b: Quantity) => compareTo(a, b) < 0n,
    isAdded: true,
  },
  { signature: "kubernetes.Quantity.compareTo(kubernetes.Quantity): int", run: compareTo, isAdded: true },
  {
    signature: "kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity",
    run: (a: Quantity, b: Quantity) => add(a, b),
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.add(int): kubernetes.Quantity",
    run: (a: Quantity, b: bigint) => add(a, ofInt(b)),
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity",
    run: (a: Quantity, b: Quantity) => subtract(a, b),
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.sub(int): kubernetes.Quantity",
    run: (a: Quantity, b: bigint) => subtract(a, ofInt(b)),
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.isInteger(): bool",
    run: (a: Quantity) => asInteger(a) !== undefined,
    isAdded: true,
  },
  {
    signature: "kubernetes.Quantity.asInteger(): int",
    run: (a: Quantity) => asInteger(a) ?? new Failure("the quantity is not counted in whole numbers of 64 bits"),
    isAdded: true,
  },
  { signature: "kubernetes.Quantity.asApproximateFloat(): double", run: (a: Quantity) => asDouble(a), isAdded: true },
  { signature: "kubernetes.Quantity.sign(): int", run: (a: Quantity) => compareTo(a, ofInt(0n)), isAdded: true },
];

type Run = (...args: readonly CelValue[]) => Result;

interface Candidate {
  readonly types: readonly string[];
  readonly run: Run;
}

const byName = new Map<string, Candidate[]>();
for (const { signature, run } of overloads) {
  const [, receiver, name = "", args = ""] = /^(?:([\w.]+)\.)?(\w+)\((.*)\)/.exec(signature) ?? [];
  const types = [...(receiver ? [receiver] : []), ...args.split(", ").filter((type) => type !== "")];
  const key = `${receiver ? "." : ""}${name}/${types.length}`;
  byName.set(key, [...(byName.get(key) ?? []), { types, run: run as unknown as Run }]);
}

/** The function or method of this name with so many arguments, what it is called on included; undefined when there is none. */
export function functionNamed(name: string, isMethod: boolean, count: number): Run | undefined {
  const candidates = byName.get(`${isMethod ? "." : ""}${name}/${count}`);
  if (!candidates) return undefined;
  const [only, second] = candidates;
  const find =
    only && !second ? () => only : (args: readonly CelValue[]) => candidates.find((each) => takes(each, args));
  return (...args) => {
    const found = find(args);
    return found && takes(found, args) ? found.run(...args) : noOverload(`${name}()`, ...args);
  };
}

function takes({ types }: Candidate, args: readonly CelValue[]): boolean {
  return types.every((type, at) => type === "dyn" || type === typeName(args[at] as CelValue));
}

/** Whether there is a function or method of this name at all. */
export function isFunction(name: string, isMethod: boolean): boolean {
  return [...byName.keys()].some((key) => key.startsWith(`${isMethod ? "." : ""}${name}/`));
}

function asText(value: CelValue): Result {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  return typeof value === "number" ? String(value) : noOverload("string()", value);
}

function asInt(value: CelValue): Result {
  if (typeof value === "bigint") return value;
  if (typeof value === "number")
    return Number.isFinite(value) ? int64(BigInt(Math.trunc(value))) : new Failure("integer overflow");
  if (typeof value !== "string") return noOverload("int()", value);
  return /^[-+]?\d+$/.test(value)
    ? int64(BigInt(value.replace("+", "")))
    : new Failure(`${JSON.stringify(value)} is not an int`);
}

function asNumber(value: CelValue): Result {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "string") return noOverload("double()", value);
  const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(value) ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? new Failure(`${JSON.stringify(value)} is not a double`) : number;
}

function matches(text: string, pattern: string): Result {
  return regex(pattern)?.test(text) ?? new Failure(`${JSON.stringify(pattern)} is not a regular expression of RE2`);
}

function split(text: string, by: string, limit: bigint): Result {
  const parts = text.split(by);
  if (limit === 0n) return [];
  if (limit < 0n || parts.length <= Number(limit)) return parts;
  const last = Number(limit) - 1;
  return [...parts.slice(0, last), parts.slice(last).join(by)];
}

function substring(text: string, from: bigint, to?: bigint): Result {
  const characters = [...text];
  const end = to ?? BigInt(characters.length);
  if (from < 0n || from > end || end > BigInt(characters.length)) return new Failure("index out of range");
  return characters.slice(Number(from), Number(end)).join("");
}

/** A position in characters, from one in JavaScript's units. */
function position(text: string, at: number): bigint {
  return at < 0 ? -1n : BigInt([...text.slice(0, at)].length);
}

function join(list: readonly Cell[], by: string): Result {
  const open = list.find((item) => item instanceof Unknown);
  if (open instanceof Unknown) return open;
  return list.every((item) => typeof item === "string") ? list.join(by) : noOverload("join()", list);
}

/** Of numbers; an empty list sums to 0, whatever it would hold. */
function sum(list: readonly Cell[]): Result {
  const wrong = list.find((item) => !(item instanceof Unknown) && typeof item !== "bigint" && typeof item !== "number");
  if (wrong !== undefined) return noOverload("sum()", list);
  const plus = strictOperators["+"];
  return list.length === 0 || !plus ? 0n : fold(list, plus);
}

function extreme(list: readonly Cell[], operator: "<" | ">"): Result {
  const compare = strictOperators[operator];
  if (list.length === 0 || !compare) return new Failure("min() and max() need a list that is not empty");
  return fold(list, (a, b) => {
    const isNext = compare(b, a);
    return typeof isNext === "boolean" ? (isNext ? b : a) : isNext;
  });
}

function fold(list: readonly Cell[], step: (a: CelValue, b: CelValue) => Result): Result {
  const [first, ...rest] = list;
  let result: Result = first as Cell;
  for (const item of rest) {
    if (result instanceof Unknown || result instanceof Failure) return result;
    if (item instanceof Unknown) return item;
    result = step(result, item);
  }
  return result;
}

function indexOf(list: readonly Cell[], item: CelValue, order: Iterable<number>): Result {
  for (const at of order) {
    const same = equal(list[at] as Cell, item);
    if (same === true) return BigInt(at);
    if (same !== false) return same;
  }
  return -1n;
}
