import type { Value } from "../../graph/model.js";
import { isSecret, joinPath, secretPlace, unknownPlace } from "../../graph/values.js";
import type { Quantity } from "./quantity.js";

/** A value of the program that is not known before deployment, or is withheld: it decides nothing. */
export class Unknown {
  constructor(
    /** Where it stands in the object that is judged. */
    readonly path: string,
    /** What makes it: `<urn>.<path>`. */
    readonly place: string,
    /** A secret that is known to the process: that it is there is certain. */
    readonly isThere: boolean,
  ) {}
}

/** An error of CEL, such as a missing key or a function that has no such arguments. */
export class Failure {
  constructor(readonly message: string) {}
}

/** The value of `type(x)` and of the names of types. */
export class TypeValue {
  constructor(readonly name: string) {}
}

export type CelMap = ReadonlyMap<string, Cell>;

/** A value of CEL. Whole numbers are `bigint`, as the API server reads them from JSON; other numbers are doubles. */
export type CelValue = null | boolean | bigint | number | string | Quantity | TypeValue | readonly Cell[] | CelMap;

/** What stands at a place of an object: a value, or an unknown. */
export type Cell = CelValue | Unknown;

/** What an expression gives. */
export type Result = Cell | Failure;

export function isList(value: unknown): value is readonly Cell[] {
  return Array.isArray(value);
}

export function isMap(value: unknown): value is CelMap {
  return value instanceof Map;
}

/** Values of the graph as CEL has them, each made once. */
export type Converter = (value: Value, path: string) => Cell;

/**
 * A converter for the values of one object. A secret is read from `secrets` by its place and is unknown without that.
 * Fields that are null are left out, as the API server does with those of its own kinds.
 */
export function converter(secrets: ReadonlyMap<string, unknown> = new Map()): Converter {
  const made = new WeakMap<object, Cell>();
  const convert: Converter = (value, path) => {
    if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
    if (typeof value !== "object" || value === null) return value;
    const known = made.get(value);
    if (known !== undefined) return known;
    const cell = fromObject(value, path);
    made.set(value, cell);
    return cell;
  };
  const fromObject = (value: object & Value, path: string): Cell => {
    if (isList(value)) return value.map((item, index) => convert(item as Value, `${path}[${index}]`));
    if (!("$unknown" in value) && !("$secret" in value)) return fromMap(value, path);
    const secret = secretPlace(value);
    if (secret !== undefined && secrets.has(secret)) return convert((secrets.get(secret) ?? null) as Value, path);
    const place = unknownPlace(value) ?? secret;
    if (place !== undefined) return new Unknown(path, place, isSecret(value) && unknownPlace(value) === undefined);
    return fromMap(value, path);
  };
  const fromMap = (value: object & Value, path: string): Cell => {
    const map = new Map<string, Cell>();
    for (const key of Object.keys(value)) {
      const item = (value as { readonly [key: string]: Value })[key];
      if (item !== undefined && item !== null) map.set(key, convert(item, joinPath(path, key)));
    }
    return map;
  };
  return convert;
}
