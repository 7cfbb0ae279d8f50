import type { ASTNode } from "@marcbachmann/cel-js";
import { environment } from "./environment.js";
import { isFunction } from "./functions.js";
import { regex } from "./regex.js";

/** What is wrong with a text, and where; counted from 1. */
export interface CelFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** The variables of the texts of rules. */
export const celVariables: readonly string[] = ["object", "pod", "container", "image", "item", "key", "variables"];

/**
 * What in a text is not in the subset of CEL that plinth evaluates and a Kubernetes API server compiles: nothing when
 * all is. The subset: `&& || ! ?: == != < <= > >= + - * / % in`, fields and indices, `has`, `all`, `exists`,
 * `exists_one`, `filter`, `map`, and the functions of `overloads`.
 */
export function checkCelSubset(text: string, variables: readonly string[] = celVariables): readonly CelFault[] {
  try {
    const parsed = environment.parse(text);
    const faults = faultsOf(parsed.ast, new Set(variables)).map(({ node, message }) => ({
      message,
      ...at(text, node.start),
    }));
    if (faults.length > 0) return faults;
    const { error } = parsed.check();
    return error ? [{ message: summary(error), ...at(text, error.range?.start ?? 0) }] : [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const start = "range" in error ? (error.range as { start?: number } | undefined)?.start : undefined;
    return [{ message: summary(error), ...at(text, start ?? 0) }];
  }
}

interface Fault {
  readonly node: ASTNode;
  readonly message: string;
}

const macros = ["all", "exists", "exists_one", "filter", "map"];
const types = ["string", "int", "double", "bool", "list", "map", "null_type"];

function faultsOf(node: ASTNode, names: ReadonlySet<string>): Fault[] {
  const inside = (...children: readonly ASTNode[]) => children.flatMap((child) => faultsOf(child, names));
  switch (node.op) {
    case "value":
      return isPlain(node.args) ? [] : [{ node, message: "bytes and unsigned numbers are not supported" }];
    case "id":
      return names.has(node.args) || types.includes(node.args)
        ? []
        : [{ node, message: `${node.args} is not a variable: there are ${[...names].join(", ")}` }];
    case ".":
      return inside(node.args[0]);
    case ".?":
    case "[?]":
      return [{ node, message: "optional fields (?.) are not supported: guard the field with has()" }];
    case "!_":
    case "-_":
      return inside(node.args);
    case "list":
      return [...mixed(node, node.args), ...inside(...node.args)];
    case "map":
      return [
        ...mixed(
          node,
          node.args.map(([, value]) => value),
        ),
        ...inside(...node.args.flat()),
      ];
    case "call":
      return [...callFaults(node, node.args[0], node.args[1]), ...inside(...node.args[1])];
    case "rcall":
      return methodFaults(node, ...node.args, names);
    default:
      return inside(...node.args);
  }
}

function callFaults(node: ASTNode, name: string, args: readonly ASTNode[]): Fault[] {
  if (name !== "has") return isFunction(name, false) ? [] : [{ node, message: `${name}() is not supported` }];
  return isFields(args[0])
    ? []
    : [{ node, message: "has() takes a field such as has(object.spec): for other keys use `in`" }];
}

function isFields(node: ASTNode | undefined): boolean {
  return node?.op === "." && (node.args[0].op === "id" || isFields(node.args[0]));
}

function methodFaults(
  node: ASTNode,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  names: ReadonlySet<string>,
): Fault[] {
  const [item, ...bodies] = args;
  if (macros.includes(name) && item?.op === "id") {
    const within = new Set([...names, item.args]);
    return [...faultsOf(receiver, names), ...bodies.flatMap((body) => faultsOf(body, within))];
  }
  const own = isFunction(name, true) ? [] : [{ node, message: `.${name}() is not supported` }];
  const pattern = name === "matches" && args[0]?.op === "value" ? args[0].args : undefined;
  const wrong =
    typeof pattern === "string" && !regex(pattern)
      ? [{ node, message: `${JSON.stringify(pattern)} is not a regular expression of RE2` }]
      : [];
  return [...own, ...wrong, ...faultsOf(receiver, names), ...args.flatMap((arg) => faultsOf(arg, names))];
}

/** The API server compiles with homogeneous literals (apiserver/pkg/cel/environment/base.go). */
function mixed(node: ASTNode, items: readonly ASTNode[]): Fault[] {
  const kinds = new Set(items.filter((item) => item.op === "value").map((item) => typeof item.args));
  return kinds.size > 1 ? [{ node, message: "the items of a list and the values of a map are of one type" }] : [];
}

function isPlain(value: unknown): boolean {
  return value === null || ["string", "bigint", "number", "boolean"].includes(typeof value);
}

/** The first line of a message of the library; the others draw the place. */
function summary(error: Error): string {
  return "summary" in error && typeof error.summary === "string" ? error.summary : (error.message.split("\n")[0] ?? "");
}

function at(text: string, start: number): { line: number; column: number } {
  const before = text.slice(0, start).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
