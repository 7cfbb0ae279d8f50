import { joinPath } from "../graph/values.js";
import type { Check, Environment, ObjectRule, Outcome } from "../rules/rule.js";
import { isOfKind } from "../rules/view.js";
import {
  type Cell,
  type CelMap,
  converter,
  Failure,
  isList,
  isMap,
  program,
  type Result,
  Unknown,
  type Variables,
} from "./cel/index.js";
import { below, type JudgedObject, type JudgedSubject, keysOf } from "./subjects.js";

/** How the place that decides is told to the reader. */
export type Describe = (place: string, isSecret: boolean) => string;

export interface CheckContext {
  /** The rule's parameters, complete. */
  readonly config: Cell;
  readonly environment: Environment | "unknown";
  readonly describe: Describe;
  /** The same object with its secrets withheld: messages are made from it. */
  readonly forMessages: JudgedObject;
}

/** The rule's parameters as CEL has them. */
export function configCell(config: unknown): Cell {
  return converter()(config as Parameters<ReturnType<typeof converter>>[0], "");
}

/** What a rule says about an object; each thing once. */
export function checkObject(rule: ObjectRule, object: JudgedObject, context: CheckContext): readonly Outcome[] {
  const checks = rule.checks.filter(
    ({ each, kinds }) => object.subjects[each].length > 0 && (!kinds || isOfKind(object, kinds)),
  );
  if (checks.length === 0) return [];
  const rest = ruleVariables(object, context);
  const variables = new Map<JudgedSubject, Variables>();
  const variablesOf = (subject: JudgedSubject) => {
    const known = variables.get(subject) ?? { ...subject.variables, variables: rest };
    variables.set(subject, known);
    return known;
  };
  const outcomes = checks.flatMap((check) =>
    object.subjects[check.each].flatMap((subject, at) =>
      subject.canSay(insideOf(check) ?? check.path)
        ? checkSubject(rule, check, subject, at, variablesOf(subject), context)
        : [],
    ),
  );
  if (outcomes.length < 2) return outcomes;
  const once = new Map(outcomes.map((each) => [`${each.verdict} ${each.path} ${each.message}`, each]));
  return [...once.values()];
}

function checkSubject(
  rule: ObjectRule,
  check: Check,
  subject: JudgedSubject,
  at: number,
  variables: Variables,
  context: CheckContext,
): Outcome[] {
  return asked(check, subject).flatMap(({ path, entry }): Outcome[] => {
    const result = answer(check, subject, entry ? { ...variables, ...entry } : variables);
    if (result.verdict === "pass") return [];
    if (result.verdict === "undecided") {
      const { path: open, place, isThere } = result.because;
      return [{ verdict: "undecided", path: open, message: context.describe(place, isThere) }];
    }
    const here = subject.at(below(path)(check.path));
    return result.verdict === "malformed"
      ? [{ verdict: "undecided", path: here, message: `the object is malformed here: ${result.message}` }]
      : [{ verdict: "violation", path: here, message: message(rule, check, at, path, context) }];
  });
}

/** What was found, from the object with its secrets withheld; what must hold, when that depends on one of them. */
function message(rule: ObjectRule, check: Check, at: number, path: string, context: CheckContext): string {
  const { forMessages } = context;
  const subject = forMessages.subjects[check.each][at];
  const place = subject && asked(check, subject).find((each) => each.path === path);
  if (!subject || !place) return rule.statement;
  const variables = { ...subject.variables, variables: ruleVariables(forMessages, context), ...place.entry };
  const said = run(check.message, subject, variables);
  return typeof said === "string" ? said : rule.statement;
}

/** `variables` of the texts. */
function ruleVariables({ pods }: JudgedObject, { config, environment }: CheckContext): CelMap {
  return new Map<string, Cell>([
    ["config", config],
    ["environment", environment],
    ["pods", pods],
  ]);
}

interface Asked {
  /** Below the subject. */
  readonly path: string;
  /** `item` or `key`; undefined for the subject itself. */
  readonly entry: Variables | undefined;
}

const subjectItself: readonly Asked[] = [{ path: "", entry: undefined }];

/** The subject, or each entry of the list or map inside it. An unknown list is one unknown item. */
function asked(check: Check, subject: JudgedSubject): readonly Asked[] {
  const path = insideOf(check);
  if (path === undefined || !check.within) return subjectItself;
  const name = "list" in check.within ? "item" : "key";
  return found(subject.value, path.split("[*]")).flatMap(({ path: at, value }): Asked[] => {
    if (value instanceof Unknown) return [{ path: at, entry: { [name]: value } }];
    if (name === "item" && isList(value)) {
      return value.map((item, index) => ({ path: `${at}[${index}]`, entry: { item } }));
    }
    if (name === "key" && isMap(value)) {
      return [...value.keys()].map((key) => ({ path: joinPath(at, key), entry: { key } }));
    }
    return [];
  });
}

interface Place {
  readonly path: string;
  readonly value: Cell;
}

/** What stands at a path; between its parts are lists, of which every item is gone into. */
function found(from: Cell, [part = "", ...rest]: readonly string[]): Place[] {
  const key = part.replace(/^\./, "");
  const value = read(from, keysOf(key));
  if (value === undefined) return [];
  if (rest.length === 0 || value instanceof Unknown) return [{ path: key, value }];
  const items = isList(value) ? value : [];
  return items.flatMap((item, index) =>
    found(item, rest).map((each) => ({ path: below(`${key}[${index}]`)(each.path), value: each.value })),
  );
}

function insideOf({ within }: Check): string | undefined {
  return within && ("list" in within ? within.list : within.keys);
}

function read(from: Cell, keys: readonly string[]): Cell | undefined {
  let at: Cell | undefined = from;
  for (const key of keys) {
    if (at instanceof Unknown) return at;
    at = isMap(at) ? at.get(key) : undefined;
  }
  return at;
}

type Answer =
  | { readonly verdict: "pass" | "violation" }
  | { readonly verdict: "undecided"; readonly because: Unknown }
  | { readonly verdict: "malformed"; readonly message: string };

/** Whether the check is about the subject and, if so, whether it holds. What holds passes even if it is not certain that it is asked. */
function answer(check: Check, subject: JudgedSubject, variables: Variables): Answer {
  const isAsked = check.when === undefined ? true : run(check.when, subject, variables);
  if (isAsked === false) return { verdict: "pass" };
  const holds = run(check.expression, subject, variables);
  if (holds === true) return { verdict: "pass" };
  if (isAsked === true && holds === false) return { verdict: "violation" };
  return open(isAsked) ?? open(holds) ?? { verdict: "malformed", message: "a rule gives true or false" };
}

function open(result: Result): Answer | undefined {
  if (result instanceof Unknown) return { verdict: "undecided", because: result };
  return result instanceof Failure ? { verdict: "malformed", message: result.message } : undefined;
}

function run(text: string, { list }: JudgedSubject, variables: Variables): Result {
  return program(text, list)(variables);
}
