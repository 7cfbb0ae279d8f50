import { Environment } from "@marcbachmann/cel-js";
import type { ContainerList } from "../../rules/pods.js";
import { compile, type Program } from "./compile.js";
import { overloads } from "./functions.js";
import { Quantity } from "./quantity.js";

/**
 * What parses CEL and checks its types, told of the functions that Kubernetes adds. Lists may mix values whose types are
 * not known with others, as in cel-go; the subset refuses literals of different types, as the API server does.
 */
export const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: false,
}).registerType("kubernetes.Quantity", Quantity);

for (const { signature, run, isAdded } of overloads) {
  if (isAdded) environment.registerFunction(signature, run as unknown as (...args: unknown[]) => unknown);
}

const programs = new Map<string, Map<string, Program>>();

/**
 * The program of a text, made once; for a container, with `list` standing for the name of its list.
 *
 * @throws ParseError of the library when the text is no CEL, Error when it is outside the subset; `checkCelSubset` says
 *   where.
 */
export function program(text: string, list?: ContainerList): Program {
  const key = list ?? "";
  const known = programs.get(key)?.get(text);
  if (known) return known;
  const made = compile(environment.parse(list ? forList(text, list) : text).ast);
  programs.set(key, (programs.get(key) ?? new Map<string, Program>()).set(text, made));
  return made;
}

// Text literals are passed over; then `list` as a name of its own, neither a field nor a function.
const listName = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?<![\w.])list(?![\w(])/g;

/** The text for containers of one list: the name `list` is that list's name. */
export function forList(text: string, list: ContainerList): string {
  return text.replace(listName, (found) => (found === "list" ? JSON.stringify(list) : found));
}
