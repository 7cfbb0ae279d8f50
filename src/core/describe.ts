import { z } from "zod";
import { noteOf } from "./schema-notes.js";

/** What a schema takes, in words that follow "it must be", e.g. `a whole number of at least 1`. */
export function describe(schema: z.core.$ZodType): string {
  const { what } = noteOf(schema);
  if (what !== undefined) return what;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
      return textText(limitsOf(schema));
    case "number":
      return numberText(limitsOf(schema));
    case "boolean":
      return "true or false";
    case "literal":
      return oneOf(def.values);
    case "enum":
      return oneOf(Object.values(def.entries));
    case "array":
      return listText(limitsOf(schema));
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

/** The limits of a simple value, as JSON Schema names them: zod's public way to read the checks of a schema. */
interface Limits {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly pattern?: string;
}

function limitsOf(schema: z.core.$ZodType): Limits {
  return z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }) as Limits;
}

function numberText(limits: Limits): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = limits;
  const parts = [
    // The bounds of a safe integer are not worth a word.
    minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? undefined : `at least ${minimum}`,
    exclusiveMinimum === undefined ? undefined : `more than ${exclusiveMinimum}`,
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? undefined : `at most ${maximum}`,
    exclusiveMaximum === undefined ? undefined : `less than ${exclusiveMaximum}`,
    multipleOf === undefined ? undefined : `a multiple of ${multipleOf}`,
  ].filter((part) => part !== undefined);
  const noun = limits.type === "integer" ? "a whole number" : "a number";
  if (parts.length === 0) return noun;
  return `${noun}${/^at/.test(parts[0]!) ? " of" : ","} ${parts.join(" and ")}`;
}

function textText({ minLength, maxLength, format, pattern }: Limits): string {
  const form = format === undefined ? "" : ` in the form of ${format}`;
  const like = format === undefined && pattern !== undefined ? ` that matches /${pattern}/` : "";
  return `text${sizeText(minLength, maxLength, "characters")}${form}${like}`;
}

function listText({ minItems, maxItems }: Limits): string {
  return `a list${sizeText(minItems, maxItems, "items")}`;
}

function sizeText(low: number | undefined, high: number | undefined, unit: string): string {
  if (low === undefined && high === undefined) return "";
  if (low === 1 && high === undefined) return " that is not empty";
  if (low === high) return ` of exactly ${low} ${unit}`;
  if (low === undefined) return ` of at most ${high} ${unit}`;
  return high === undefined ? ` of at least ${low} ${unit}` : ` of ${low} to ${high} ${unit}`;
}
