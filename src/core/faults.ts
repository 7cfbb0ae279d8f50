import type { z } from "zod";
import type { ArgsFault } from "./args-error.js";
import { describe, kindsOf, oneOf } from "./describe.js";
import { isLate } from "./late.js";
import { type Issue, MUST_BE_PLAIN, originOf } from "./lenient.js";
import { nearest } from "./nearest.js";

type Path = readonly PropertyKey[];

/** The faults that zod's issues stand for, in our words. `above` is the path of what was parsed. */
export function faultsOf(issues: readonly Issue[], above: Path = []): ArgsFault[] {
  const faults = issues
    .map((issue) => issue.raw ?? issue)
    .flatMap((issue) => faultsOfOne(issue, [...above, ...(issue.path ?? [])]));
  const keys = faults.map(({ field, message }) => `${field}: ${message}`);
  return faults.filter((_, index) => keys.indexOf(keys[index]!) === index);
}

/** The path as a user writes it: `triggers[0].cron`, `tags["a b"]`; `args` for the whole. */
function fieldText(path: Path): string {
  const text = path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return /^[A-Za-z_$][\w$]*$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
    })
    .join("");
  return text === "" ? "args" : text.replace(/^\./, "");
}

function faultsOfOne(issue: Issue, path: Path): ArgsFault[] {
  if (issue.code === "unrecognized_keys") {
    const fields = fieldsOf(issue.inst);
    return issue.keys.map((key) => ({ field: fieldText([...path, key]), message: unknownField(key, fields) }));
  }
  if (issue.code === "invalid_key") {
    const inner = (issue.issues as unknown as readonly Issue[]).map((cause) => cause.raw ?? cause)[0];
    return [
      {
        field: fieldText(path),
        message: `this name is not allowed; it ${inner ? mustOf(inner) : "must be another one"}`,
      },
    ];
  }
  if (issue.code !== "invalid_union" || issue.input === undefined) return [fault(issue, path, mustOf(issue))];
  if (issue.discriminator !== undefined) return [wrongKind(issue, path, issue.discriminator)];
  const best = bestMember(issue.errors as unknown as readonly (readonly Issue[])[]);
  return best === undefined ? [fault(issue, path, mustOf(issue))] : faultsOf(best, path);
}

/** The fault of one value: with what was given where that can be shown, and what it must be. */
function fault(issue: Issue, path: Path, must: string): ArgsFault {
  const field = fieldText(path);
  const { input } = issue;
  // A rule over several fields speaks for itself, and so does a message in another form.
  if (!must.startsWith("must ") || isLate(input) || (issue.code === "custom" && ruleOfMany(issue)))
    return { field, message: must };
  if (input === undefined) return { field, message: `is required; it ${must}` };
  if (issue.withheld) return { field, message: `the secret given is not allowed; it ${must}` };
  if (typeof input === "object" || typeof input === "function")
    return { field, message: `${nounOf(input)} is not allowed; it ${must}` };
  return { field, given: input, message: `${show(input)} is not allowed; it ${must}` };
}

/** No member of a union has the given discriminator; `path` ends in it. */
function wrongKind(issue: Issue, path: Path, discriminator: string): ArgsFault {
  const { options } = (issue.inst as z.core.$ZodDiscriminatedUnion)._zod.def;
  const kinds = kindsOf(options, discriminator);
  const input = (issue.input as Readonly<Record<string, unknown>>)[discriminator];
  if (isLate(input)) return { field: fieldText(path), message: MUST_BE_PLAIN };
  const near = typeof input === "string" && !issue.withheld ? nearest(input, kinds.map(String)) : undefined;
  const plain = fault({ ...issue, input } as Issue, path, `must be ${oneOf(kinds)}`);
  return near === undefined ? plain : { ...plain, message: `${plain.message}; did you mean ${JSON.stringify(near)}?` };
}

/** The issues of the member that was meant: the one whose type and `kind` fit, if there is one. */
function bestMember(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = errors.filter((issues) => !issues.some((issue) => isOtherMember(issue.raw ?? issue)));
  return fitting.sort((a, b) => a.length - b.length)[0];
}

function isOtherMember(issue: Issue): boolean {
  const depth = issue.path?.length ?? 0;
  if (depth === 0) return issue.code === "invalid_type" || issue.code === "invalid_value";
  return depth === 1 && issue.path?.[0] === "kind" && issue.code === "invalid_value";
}

/** The schema's own message, or what the schema takes. */
function mustOf(issue: Issue): string {
  const own = issue.message ?? ownMessage(issue);
  if (own !== undefined) return own;
  const schema = schemaOf(issue);
  return schema === undefined ? "must be another value" : `must be ${describe(originOf(schema))}`;
}

/** The message that the author of the schema gave to the check or to the type. */
function ownMessage(issue: Issue): string | undefined {
  const said = [issue.inst, issue.schema]
    .map((raiser) => raiser?._zod.def.error as z.core.$ZodErrorMap | undefined)
    .map((error) => error?.(issue))
    .find((answer) => answer !== undefined && answer !== null);
  return typeof said === "string" ? said : said?.message;
}

/** The schema at whose value the issue is: the one that raised it, or the one the check stands on. */
function schemaOf(issue: Issue): z.core.$ZodType | undefined {
  // String formats and custom schemas are type and check in one; where they stand as a check, `schema` says on what.
  const { inst, schema } = issue;
  if (inst === undefined || !isType(inst)) return schema;
  return inst._zod.traits.has("$ZodCheck") ? (schema ?? inst) : inst;
}

function isType(raiser: z.core.$ZodType | z.core.$ZodCheck<never>): raiser is z.core.$ZodType {
  return "traits" in raiser._zod && raiser._zod.traits.has("$ZodType");
}

/** Whether a check of the author's stands on an object or list, so that its message is about more than one field. */
function ruleOfMany(issue: Issue): boolean {
  return issue.schema?._zod.def.type === "object" || issue.schema?._zod.def.type === "array";
}

function fieldsOf(schema: Issue["inst"]): string[] {
  const { shape } = (schema?._zod.def ?? {}) as { readonly shape?: object };
  return Object.keys(shape ?? {});
}

function unknownField(key: string, fields: readonly string[]): string {
  const near = nearest(key, fields);
  if (near !== undefined) return `unknown field; did you mean ${JSON.stringify(near)}?`;
  return fields.length === 0
    ? "unknown field; none are allowed here"
    : `unknown field; the fields are ${fields.join(", ")}`;
}

function nounOf(value: object | null): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "function" ? "a function" : "an object";
}

const SHOWN = 80;

/** A plain value in a message, cut where it is long. */
function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
