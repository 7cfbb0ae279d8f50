import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { InputError } from "../../graph/model.js";
import { defineObjectRule, type ObjectRule, type Rule } from "../../rules/index.js";
import { checkCelSubset } from "../cel/index.js";
import { type ReadPolicy, said } from "./read.js";
import type { OwnRule } from "./schema.js";

/**
 * The team's own rules: those written in the policy file and those of its modules. A module exports `rules`, made with
 * `defineObjectRule` or `defineGraphRule` of `plinth/policy`.
 * @param folder where the policy file is
 * @throws InputError with file and line for a text that is not in the subset of CEL, an id that is taken, or a module that
 * cannot be loaded.
 */
export async function ownRules(read: ReadPolicy, folder: string, catalogue: readonly Rule[]): Promise<Rule[]> {
  const { policy, lineOf } = read;
  const written = (policy.own ?? []).map(objectRule);
  const faults = (policy.own ?? []).flatMap((rule, index) => celFaults(rule, index, lineOf));
  const loaded: Rule[] = [];
  for (const [index, module] of (policy.modules ?? []).entries()) {
    const path = ["modules", index];
    try {
      loaded.push(...(await rulesOf(resolve(folder, dirname(read.file), module))));
    } catch (error) {
      const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
      faults.push(said(lineOf, path, `${module} cannot be loaded: ${reason}`));
    }
  }
  const all = [...catalogue, ...written, ...loaded];
  for (const [index, { id }] of written.entries()) {
    if (all.filter((rule) => rule.id === id).length > 1) {
      faults.push(said(lineOf, ["own", index, "id"], `there is a rule ${id} already; take another id`));
    }
  }
  if (faults.length > 0) throw new InputError(faults.join("\n"));
  return [...written, ...loaded];
}

function objectRule(own: OwnRule): ObjectRule {
  const { id, severity, statement, why, source, each, kinds, within, when, expression, path, message } = own;
  return defineObjectRule({
    id,
    name: id.toLowerCase(),
    pack: "own",
    severity,
    statement,
    why: why ?? "",
    source: source ?? "",
    semantics: `Judges each ${each}${kinds ? ` of ${kinds.join(", ")}` : ""}: ${expression}`,
    parameters: z.strictObject({}),
    bad: "",
    good: "",
    checks: [
      {
        each,
        expression,
        path,
        message: message ?? JSON.stringify(statement),
        ...(kinds && { kinds }),
        ...(within && { within }),
        ...(when !== undefined && { when }),
      },
    ],
  });
}

function celFaults(own: OwnRule, index: number, lineOf: ReadPolicy["lineOf"]): string[] {
  const texts = { when: own.when, expression: own.expression, message: own.message };
  return Object.entries(texts).flatMap(([field, text]) => {
    if (text === undefined) return [];
    const [fault] = checkCelSubset(text);
    if (!fault) return [];
    const at = text.includes("\n") ? `line ${fault.line}, column ${fault.column}` : `column ${fault.column}`;
    return [said(lineOf, ["own", index, field], `${at} of the text: ${fault.message}`)];
  });
}

async function rulesOf(file: string): Promise<readonly Rule[]> {
  const module = (await import(pathToFileURL(file).href)) as { readonly rules?: unknown };
  if (!Array.isArray(module.rules)) throw new Error('it exports no array "rules"');
  return module.rules as Rule[];
}
