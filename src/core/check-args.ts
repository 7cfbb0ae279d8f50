import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { ArgsError } from "./args-error.js";
import { faultsOf } from "./faults.js";
import type { Late } from "./late.js";
import { type Known, lenient, parseLeniently } from "./lenient.js";

export { named, plain, ref, secret } from "./schema-notes.js";

/**
 * Checks the arguments of a construct and gives them back, with the same structure.
 *
 * Plain values are checked at once and all their faults raised together. A field that is still an Output or a Promise comes
 * back as an Output that is checked when its value is known; what it feeds waits for that check, and no other field becomes
 * unknown. A rule over several fields is left while it reads a late one; it is checked again when that one is known, unless it
 * reads another that is not known either.
 *
 * The schema describes resolved values: strict objects, no defaults and no transforms, since what it makes of the arguments is
 * not used.
 *
 * @param construct whose arguments they are, e.g. `InferenceEndpoint "fraud"`
 * @throws ArgsError naming the construct and each field.
 */
export function checkArgs<Args extends object>(construct: string, schema: z.ZodType, args: Args): Args {
  const tolerant = lenient(schema);
  const found = new Set<Late<unknown>>();
  const { issues } = parseLeniently(tolerant, args, { found });
  if (issues.length > 0) throw new ArgsError(construct, faultsOf(issues));
  if (found.size === 0) return args;

  const checkLate = (late: Late<unknown>, known: Known) => {
    const pass = { known: new Map([[late as unknown, known]]), found: new Set<Late<unknown>>() };
    const { issues } = parseLeniently(tolerant, args, pass);
    if (issues.length > 0) throw new ArgsError(construct, faultsOf(issues));
    return known.value;
  };
  const replace = new Map([...found].map((late) => [late as unknown, whenKnown(late, checkLate)]));
  return parseLeniently(tolerant, args, { replace, found: new Set() }).value as Args;
}

/** The late value, checked when it is known. Whether it is secret decides only what an error may show. */
function whenKnown(late: Late<unknown>, check: (late: Late<unknown>, known: Known) => unknown): pulumi.Output<unknown> {
  const value = pulumi.output(late);
  return pulumi.all([value, pulumi.isSecret(value)]).apply(([now, secret]) => check(late, { value: now, secret }));
}
