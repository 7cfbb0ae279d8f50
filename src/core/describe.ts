import type { z } from "zod";
import { noteOf } from "./schema-notes.js";

/** What a schema takes, in words that follow "it must be", e.g. `a whole number of at least 1`. */
export function describe(schema: z.core.$ZodType): string {
  const { what } = noteOf(schema);
  if (what !== undefined) return what;
  const { def, bag } = (schema as z.core.$ZodTypes)._zod as { def: z.core.$ZodTypes["_zod"]["def"]; bag: Limits };
  switch (def.type) {
    case "string":
      return `text${bounds(bag.minimum, bag.maximum, "characters")}${pattern(bag)}`;
    case "number":
    case "int":
    case "bigint":
      return `${isWhole(bag) ? "a whole number" : "a number"}${range(bag)}`;
    case "boolean":
      return "true or false";
    case "literal":
      return oneOf(def.values);
    case "enum":
      return oneOf(Object.values(def.entries));
    case "array":
      return `a list${bounds(bag.minimum, bag.maximum, "items")}`;
    case "object":
      return "an object";
    case "record":
      return "an object of names and values";
    case "union":
      return "discriminator" in def && typeof def.discriminator === "string"
        ? `an object whose ${def.discriminator} is ${oneOf(kindsOf(def.options, def.discriminator))}`
        : [...new Set(def.options.map(describe))].join(" or ");
    case "null":
      return "null";
    case "never":
      return "left out";
    default:
      return "innerType" in def ? describe(def.innerType) : "another value";
  }
}

/** `"a"`, or `one of "a", "b"`. */
export function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => (typeof value === "bigint" ? `${value}` : JSON.stringify(value)));
  return texts.length === 1 ? `${texts[0]}` : `one of ${texts.join(", ")}`;
}

/** The values of the discriminating field over all members of a union. */
export function kindsOf(options: readonly z.core.$ZodType[], field: string): unknown[] {
  return options.flatMap((option) => [...(option._zod.propValues?.[field] ?? [])]);
}

/** What zod collects from the checks of a schema. */
interface Limits {
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly exclusiveMinimum?: number | bigint;
  readonly exclusiveMaximum?: number | bigint;
  readonly multipleOf?: number | bigint;
  readonly format?: string;
  readonly patterns?: ReadonlySet<RegExp>;
}

function isWhole(bag: Limits): boolean {
  return bag.format === "safeint" || bag.format === "int32" || bag.format === "uint32" || bag.multipleOf === 1;
}

function range(bag: Limits): string {
  // A safe integer's own bounds are not worth a word.
  const low = bag.minimum === Number.MIN_SAFE_INTEGER ? undefined : bag.minimum;
  const high = bag.maximum === Number.MAX_SAFE_INTEGER ? undefined : bag.maximum;
  const parts = [
    low === undefined ? "" : `of at least ${low}`,
    bag.exclusiveMinimum === undefined ? "" : `more than ${bag.exclusiveMinimum}`,
    high === undefined ? "" : `at most ${high}`,
    bag.exclusiveMaximum === undefined ? "" : `less than ${bag.exclusiveMaximum}`,
    bag.multipleOf === undefined || bag.multipleOf === 1 ? "" : `a multiple of ${bag.multipleOf}`,
  ].filter((part) => part !== "");
  const text = parts.join(" and ");
  return text === "" ? "" : ` ${text.startsWith("at most") ? `of ${text}` : text}`;
}

function bounds(low: unknown, high: unknown, unit: string): string {
  if (low === undefined && high === undefined) return "";
  if (low === 1 && high === undefined) return " that is not empty";
  if (low === high) return ` of exactly ${low} ${unit}`;
  if (low === undefined) return ` of at most ${high} ${unit}`;
  return high === undefined ? ` of at least ${low} ${unit}` : ` of ${low} to ${high} ${unit}`;
}

function pattern(bag: Limits): string {
  if (bag.format !== undefined && bag.format !== "regex") return ` in the form of ${bag.format}`;
  const patterns = [...(bag.patterns ?? [])];
  return patterns.length === 0 ? "" : ` that matches ${patterns.join(" and ")}`;
}
