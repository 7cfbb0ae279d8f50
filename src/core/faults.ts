import type { z } from "zod";
import type { ArgsFault } from "./args-error.js";
import { describe, kindsOf, oneOf } from "./describe.js";
import type { Issue } from "./lenient.js";

type Path = readonly PropertyKey[];

/** The faults that zod's issues stand for, in our words. `above` is the path of what was parsed. */
export function faultsOf(issues: readonly Issue[], above: Path = []): ArgsFault[] {
  const faults = issues.flatMap((issue) => faultsOfOne(issue, [...above, ...(issue.path ?? [])]));
  return faults.filter(
    (fault, index) => faults.findIndex((other) => other.field === fault.field && other.message === fault.message) === index,
  );
}

function faultsOfOne(issue: Issue, path: Path): ArgsFault[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ field: fieldText([...path, key]), message: unknownField(key, fieldsOf(issue)) }));
    case "invalid_union":
      return unionFaults(issue, path);
    case "invalid_key":
      return [{ field: fieldText(path), message: `this name ${mustOf(issue.issues[0] as Issue | undefined)}` }];
    default:
      return [fault(issue, path, mustOf(issue))];
  }
}

/** A fault of one value: with what was given when it can be shown, and what it must be. */
function fault(issue: Issue, path: Path, must: string): ArgsFault {
  const field = fieldText(path);
  const { input } = issue;
  // A rule over several fields speaks for itself; so does a message that is not of the form "must …".
  if (!must.startsWith("must ") || (issue.code === "custom" && isStructure(input))) return { field, message: must };
  if (input === undefined) return { field, message: `is required; it ${must}` };
  if (issue.withheld) return { field, message: `the value given (a secret, not shown) is not allowed; it ${must}` };
  if (isStructure(input)) return { field, message: `${kindOf(input)} is not allowed; it ${must}` };
  return { field, given: input, message: `${show(input)} is not allowed; it ${must}` };
}

/** The schema's own message, or what the schema takes. */
function mustOf(issue: Issue | undefined): string {
  if (issue === undefined) return "must be another one";
  const own = issue.message ?? ownMessage(issue);
  if (own !== undefined) return own;
  const schema = schemaOf(issue);
  return schema === undefined ? "must be another value" : `must be ${describe(schema)}`;
}

/** The message that the author of the schema gave to the check or the type. */
function ownMessage(issue: Issue): string | undefined {
  for (const raiser of [issue.inst, issue.schema]) {
    const said = (raiser?._zod.def as { error?: (issue: unknown) => string | { message: string } | null | undefined })?.error?.(
      issue,
    );
    if (said) return typeof said === "string" ? said : said.message;
  }
  return undefined;
}

function schemaOf(issue: Issue): z.core.$ZodType | undefined {
  const raiser = issue.inst;
  return raiser !== undefined && "def" in raiser._zod && "type" in raiser._zod.def
    ? (raiser as unknown as z.core.$ZodType)
    : issue.schema;
}
