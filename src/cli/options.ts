import { parseArgs } from "node:util";
import { InputError } from "../graph/model.js";

/** What a command accepts: the parser, the suggestions and the help read this one table. */
export interface OptionSpec {
  /** Name of the value in the help, such as `FOLDER`; an option without one is a switch. */
  readonly value?: string;
  readonly short?: string;
  /** Given more than once. */
  readonly repeats?: boolean;
  readonly choices?: readonly string[];
  readonly help: string;
}

export type OptionSpecs = { readonly [name: string]: OptionSpec };

export interface ParsedArguments {
  readonly positionals: readonly string[];
  /** The values of an option in the order given; `[""]` for a switch that is on. */
  readonly values: { readonly [name: string]: readonly string[] };
}

/** Reads the arguments of a command. Throws InputError that names the argument, with the nearest option that exists. */
export function readArguments(command: string, args: readonly string[], specs: OptionSpecs): ParsedArguments {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        { type: spec.value ? ("string" as const) : ("boolean" as const), ...(spec.short && { short: spec.short }) },
      ]),
    ),
  });
  const positionals: string[] = [];
  const values: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec) throw new InputError(unknownOption(command, token.rawName, Object.keys(specs)));
    const value = checkedValue(token.name, spec, token.value);
    if (values[token.name] && !spec.repeats && spec.value) {
      throw new InputError(`--${token.name} is given twice. Give it once.`);
    }
    values[token.name] = [...(values[token.name] ?? []), value];
  }
  return { positionals, values };
}

function checkedValue(name: string, spec: OptionSpec, value: string | undefined): string {
  if (!spec.value) {
    if (value !== undefined) throw new InputError(`--${name} is a switch and takes no value.`);
    return "";
  }
  if (value === undefined || value === "" || (value.startsWith("--") && value.length > 2)) {
    throw new InputError(`--${name} needs a value: --${name} ${spec.value}.`);
  }
  if (spec.choices && !spec.choices.includes(value)) {
    const near = nearest(value, spec.choices);
    throw new InputError(
      `--${name} is "${value}"; it can be ${spec.choices.join(", ")}.${near ? ` Did you mean "${near}"?` : ""}`,
    );
  }
  return value;
}

function unknownOption(command: string, given: string, names: readonly string[]): string {
  const near = nearest(given.replace(/^-+/, ""), names);
  const hint = near ? `Did you mean --${near}?` : `See "plinth ${command} --help".`;
  return `plinth ${command} has no option ${given}. ${hint}`;
}

/** The word a person most likely meant; undefined when none is near. */
export function nearest(given: string, words: readonly string[]): string | undefined {
  const scored = words.map((word) => ({ word, far: distance(given.toLowerCase(), word.toLowerCase()) }));
  const [best] = scored.sort((a, b) => a.far - b.far);
  return best && (best.far <= Math.max(1, Math.floor(best.word.length / 3)) || isStart(given, best.word))
    ? best.word
    : undefined;
}

function isStart(given: string, word: string): boolean {
  return given.length >= 2 && word.startsWith(given);
}

/** How many characters are to be inserted, removed or replaced (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (character === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Seconds of `90`, `90s`, `2m`, `1h` or `500ms`. Throws InputError otherwise, and for zero. */
export function seconds(option: string, text: string): number {
  const [, digits, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const value = Number(digits) * ({ ms: 0.001, s: 1, m: 60, h: 3600 }[unit] ?? Number.NaN);
  if (value > 0) return value;
  throw new InputError(`--${option} is "${text}"; give a time such as 60s, 2m or 500ms.`);
}

/** `key=value` pairs as a table. Throws InputError for one without `=`, without printing what could be a secret. */
export function keyValues(option: string, pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
      throw new InputError(`--${option} has no "=" between key and value; write --${option} key=value.`);
    }),
  );
}

/** The options as aligned lines of help. */
export function optionHelp(specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, spec]) => ({
    left: `${spec.short ? `-${spec.short}, ` : ""}--${name}${spec.value ? ` ${spec.value}` : ""}`,
    right: spec.choices ? `${spec.help} (${spec.choices.join(", ")})` : spec.help,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
