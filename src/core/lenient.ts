import type { z } from "zod";
import { isLate, type Late } from "./late.js";
import { noteOf } from "./schema-notes.js";

/** What one pass over the arguments knows and finds. */
export interface Pass {
  /** Late values that are known in this pass: they are checked like plain ones. */
  readonly known?: ReadonlyMap<unknown, Known>;
  /** What to put in the place of late values. */
  readonly replace?: ReadonlyMap<unknown, unknown>;
  /** The late values that stand where the schema looks, filled by the pass. */
  readonly found: Set<Late<unknown>>;
}

/** The value that a late one turned out to be. */
export interface Known {
  readonly value: unknown;
  readonly secret: boolean;
}

export type Issue = z.core.$ZodRawIssue & {
  /** The schema whose check raised the issue; zod's own field. */
  readonly schema?: z.core.$ZodType;
  /** True when the value must not be printed. */
  withheld?: boolean;
  /** The issue itself: what a union reports of its members are copies that lack `input` and `schema`. */
  raw?: Issue;
};

/** Runs a schema made by `lenient`. */
export function parseLeniently(
  schema: z.core.$ZodType,
  value: unknown,
  pass: Pass,
): { value: unknown; issues: Issue[] } {
  const context = { async: false, pass };
  const result = schema._zod.run({ value, issues: [] }, context);
  if (result instanceof Promise) throw new TypeError("schemas of arguments cannot be asynchronous");
  return result;
}

const made = new WeakMap<z.core.$ZodType, z.core.$ZodType>();
const origins = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/** The schema that a lenient one was made of. */
export function originOf(schema: z.core.$ZodType): z.core.$ZodType {
  return origins.get(schema) ?? schema;
}

/**
 * The schema, but taking an Output or Promise in the place of any value at any depth, which zod itself would refuse or, for
 * `z.object`, strip to `{}`. A check that reads a late value is left out of the pass, because it cannot be decided yet.
 */
export function lenient(schema: z.core.$ZodType): z.core.$ZodType {
  const existing = made.get(schema);
  if (existing !== undefined) return existing;
  const { def } = schema._zod;
  const copy = new schema._zod.constr({ ...def, ...lenientParts(def), checks: (def.checks ?? []).map(skippable) });
  // Messages look notes up by schema; zod's registries read those of the parent.
  copy._zod.parent = schema;
  copy._zod.run = tolerate(copy);
  made.set(schema, copy);
  origins.set(copy, schema);
  return copy;
}

const SINGLE = [
  "innerType",
  "element",
  "keyType",
  "valueType",
  "catchall",
  "in",
  "out",
  "left",
  "right",
  "rest",
] as const;
const MANY = ["options", "items"] as const;

/** The schemas inside a definition, made lenient; which fields hold them is the same for all kinds of schema. */
function lenientParts(def: z.core.$ZodTypeDef): Record<string, unknown> {
  const fields = def as unknown as Readonly<Record<string, unknown>>;
  const single = SINGLE.filter((key) => isSchema(fields[key])).map((key) => [
    key,
    lenient(fields[key] as z.core.$ZodType),
  ]);
  const many = MANY.filter((key) => Array.isArray(fields[key])).map((key) => [
    key,
    (fields[key] as z.core.$ZodType[]).map(lenient),
  ]);
  return {
    ...Object.fromEntries([...single, ...many]),
    ...(def.type === "object" && { shape: mapShape(fields.shape as z.core.$ZodShape) }),
    ...(def.type === "lazy" && { getter: () => lenient((fields.getter as () => z.core.$ZodType)()) }),
  };
}

function mapShape(shape: z.core.$ZodShape): z.core.$ZodShape {
  return Object.fromEntries(Object.entries(shape).map(([key, field]) => [key, lenient(field)]));
}

function isSchema(value: unknown): boolean {
  return typeof value === "object" && value !== null && "_zod" in value;
}

function tolerate(schema: z.core.$ZodType): z.core.$ZodType["_zod"]["run"] {
  const run = schema._zod.run;
  const note = noteOf(schema);
  const withheld = isWithheld(schema);
  return (payload, context) => {
    const { known, replace, found } = (context as unknown as { readonly pass: Pass }).pass;
    const given = payload.value;
    let secret = withheld;
    if (isLate(given)) {
      const now = known?.get(given);
      if (now === undefined) {
        if (note.plain) payload.issues.push(mustBePlain(given, schema));
        else found.add(given);
        payload.value = replace?.get(given) ?? given;
        return payload;
      }
      payload.value = now.value;
      secret ||= now.secret;
    }
    const result = run(payload, context);
    if (!(result instanceof Promise)) {
      for (const issue of result.issues as Issue[]) {
        issue.raw ??= issue;
        if (secret) issue.withheld = true;
      }
    }
    return result;
  };
}

/** Whether the value is secret; that of a union is when any member is, because its own messages show what was given. */
function isWithheld(schema: z.core.$ZodType): boolean {
  if (noteOf(schema).secret) return true;
  const { options } = schema._zod.def as { readonly options?: readonly z.core.$ZodType[] };
  return options?.some(isWithheld) ?? false;
}

/** What is said of an Output in the place of what decides the structure. */
export const MUST_BE_PLAIN =
  "must be a plain value: it decides which resources there are, so an Output or Promise, known only later, cannot be used";

function mustBePlain(input: unknown, inst: z.core.$ZodType): z.core.$ZodRawIssue {
  return { code: "custom", input, inst, path: [], message: MUST_BE_PLAIN };
}

/** Thrown by the stand-ins of late values, to leave a check that reads one. */
const NOT_YET = Symbol("not known yet");

function skippable(check: z.core.$ZodCheck<never>): z.core.$ZodCheck<never> {
  const { _zod: inner } = check;
  return {
    _zod: {
      ...inner,
      check: (payload) => {
        if (!holdsLate(payload.value)) return inner.check(payload);
        try {
          return inner.check({ ...payload, value: guarded(payload.value) as never });
        } catch (error) {
          if (error !== NOT_YET) throw error;
        }
      },
    },
  };
}

function holdsLate(value: unknown): boolean {
  if (isLate(value)) return true;
  return isContainer(value) && Object.values(value).some(holdsLate);
}

/** The same structure; reading a late value in it throws `NOT_YET`. */
function guarded(value: unknown): unknown {
  if (!isContainer(value) || !holdsLate(value)) return value;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, field] of Object.entries(value)) {
    const get = () => {
      if (isLate(field)) throw NOT_YET;
      return guarded(field);
    };
    Object.defineProperty(copy, key, { get, enumerable: true });
  }
  return copy;
}

/** A plain object or list: what may hold arguments. Resources, platforms and refs with a class are not looked into. */
function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
