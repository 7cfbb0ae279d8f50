import type { ASTNode } from "@marcbachmann/cel-js";
import { functionNamed } from "./functions.js";
import { type Loop, loops as loopsByName } from "./loops.js";
import { equal, isIn, noOverload, strictOperators } from "./operators.js";
import { type Cell, type CelValue, Failure, isList, isMap, type Result, TypeValue, Unknown } from "./values.js";

/** What the names of a text stand for. */
export interface Variables {
  readonly [name: string]: Cell | undefined;
}

/** Where names are looked up: the variables, and in loops the items. */
interface Scope {
  readonly variables: Variables;
  /** Of the innermost loop. */
  readonly item: Cell;
  readonly outer: Scope | undefined;
  /** Rounds of loops that are left: a text of a user cannot run without end. */
  readonly budget: { rounds: number };
}

type Run = (scope: Scope) => Result;

/** An expression that is ready to run, any number of times. It never throws. */
export type Program = (variables: Variables) => Result;

const MAX_ROUNDS = 1_000_000;

/**
 * Makes a program of a text that was parsed. The library's own evaluation is two-valued: an unknown in a list or a map
 * stops `all`, `exists`, `in` and `size` although the other items decide. Here each value may be unknown, and `&&`,
 * `||`, `all`, `exists`, `in`, `==` and `? :` give a definite answer whenever there is one, in any order, as CEL has it
 * for errors (https://github.com/google/cel-spec/blob/master/doc/langdef.md#logical-operators). What is known gives what
 * the library gives.
 */
export function compile(ast: ASTNode): Program {
  const run = expression(ast, []);
  return (variables) => run({ variables, item: null, outer: undefined, budget: { rounds: MAX_ROUNDS } });
}

/** `loops` are the names of the items of the loops around, the outermost first. */
function expression(node: ASTNode, loops: readonly string[]): Run {
  const inside = (child: ASTNode) => expression(child, loops);
  switch (node.op) {
    case "value":
      return constant(node.args as CelValue);
    case "id":
      return name(node.args, loops);
    case ".":
      return strict([inside(node.args[0])], (from) => select(from, node.args[1]));
    case "[]":
      return strict(node.args.map(inside), index);
    case "&&":
      return connected(inside(node.args[0]), inside(node.args[1]), false);
    case "||":
      return connected(inside(node.args[0]), inside(node.args[1]), true);
    case "?:":
      return conditional(inside(node.args[0]), inside(node.args[1]), inside(node.args[2]));
    case "!_":
      return strict([inside(node.args)], (value) => (typeof value === "boolean" ? !value : noOverload("!", value)));
    case "-_":
      return strict([inside(node.args)], (value) =>
        typeof value === "bigint" || typeof value === "number" ? -value : noOverload("-", value),
      );
    case "list":
      return list(node.args.map(inside));
    case "map":
      return map(node.args.map(([key, value]) => [inside(key), inside(value)]));
    case "==":
    case "!=":
    case "in":
      return comparison(node.op, inside(node.args[0]), inside(node.args[1]));
    case "call":
      return node.args[0] === "has" ? has(node.args[1][0], loops) : call(node.args[0], false, node.args[1].map(inside));
    case "rcall":
      return method(node.args[0], node.args[1], node.args[2], loops);
    default:
      return binary(node, loops);
  }
}

function constant(value: CelValue): Run {
  return () => value;
}

function name(text: string, loops: readonly string[]): Run {
  const loop = loops.lastIndexOf(text);
  if (loop >= 0) return itemOf(loops.length - 1 - loop);
  const absent = typeNames.get(text) ?? new Failure(`${text} is not a variable`);
  // `constructor` and its like are on every object of JavaScript.
  if (text in Object.prototype) return () => absent;
  return ({ variables }) => variables[text] ?? absent;
}

/** The item of the loop that is so many loops out. */
function itemOf(out: number): Run {
  if (out === 0) return ({ item }) => item;
  const outside = itemOf(out - 1);
  return ({ outer }) => (outer ? outside(outer) : null);
}

const typeNames: ReadonlyMap<string, TypeValue> = new Map(
  ["string", "int", "double", "bool", "list", "map", "null_type", "type"].map((each) => [each, new TypeValue(each)]),
);

type Strict = (...values: readonly CelValue[]) => Result;

/** Runs what needs all its arguments: the first that is unknown or failed is the result, unknown before failed. */
function strict(args: readonly Run[], run: Strict): Run {
  const [first, second] = args;
  if (args.length === 1 && first) return unary(first, run);
  if (args.length === 2 && first && second) return both(first, second, run);
  return (scope) => {
    const values = args.map((arg) => arg(scope));
    return values.find(isUnknown) ?? values.find(isFailure) ?? run(...(values as CelValue[]));
  };
}

// Nearly all calls have one argument or two: these are `strict` without its lists.
function unary(arg: Run, run: (value: CelValue) => Result): Run {
  return (scope) => {
    const value = arg(scope);
    return value instanceof Unknown || value instanceof Failure ? value : run(value);
  };
}

function both(left: Run, right: Run, run: (a: CelValue, b: CelValue) => Result): Run {
  return (scope) => {
    const a = left(scope);
    if (a instanceof Unknown) return a;
    const b = right(scope);
    if (b instanceof Unknown || a instanceof Failure) return b instanceof Unknown ? b : a;
    return b instanceof Failure ? b : run(a, b);
  };
}

function binary(node: ASTNode, loops: readonly string[]): Run {
  const operator = strictOperators[node.op];
  if (!operator) throw new Error(`CEL operator ${node.op} is not in the subset`);
  return strict(
    (node.args as ASTNode[]).map((child) => expression(child, loops)),
    operator as Strict,
  );
}

function select(from: CelValue | undefined, key: string): Result {
  if (!isMap(from)) return noOverload(`.${key}`, from ?? null);
  return from.get(key) ?? new Failure(`there is no ${key}`);
}

function index(from?: CelValue, key?: CelValue): Result {
  if (isMap(from)) {
    if (typeof key !== "string") return new Failure("keys of maps are texts");
    return from.get(key) ?? new Failure(`there is no ${key}`);
  }
  if (!isList(from) || typeof key !== "bigint") return noOverload("[]", from ?? null, key ?? null);
  return from[Number(key)] ?? new Failure(`there is no item ${key}`);
}

/** `has(a.b.c)`: whether the last field is there; what stands before it must be. */
function has(path: ASTNode | undefined, loops: readonly string[]): Run {
  if (path?.op !== ".") throw new Error("has() takes a field");
  const key = path.args[1];
  return strict([expression(path.args[0], loops)], (from) => {
    if (!isMap(from)) return noOverload(`has(.${key})`, from ?? null);
    const found = from.get(key);
    // Whether a value that is not known will be there at all is not certain either.
    return found instanceof Unknown && !found.isThere ? found : found !== undefined;
  });
}

/** `&&` (decided by false) and `||` (decided by true). */
function connected(left: Run, right: Run, decides: boolean): Run {
  return (scope) => {
    const a = left(scope);
    if (a === decides) return decides;
    const b = right(scope);
    if (b === decides) return decides;
    if (typeof a === "boolean" && typeof b === "boolean") return !decides;
    if (a instanceof Unknown || b instanceof Unknown) return a instanceof Unknown ? a : b;
    return isFailure(a) ? a : isFailure(b) ? b : noOverload(decides ? "||" : "&&", a, b);
  };
}

/** When the condition is unknown, what both branches agree on. */
function conditional(condition: Run, yes: Run, no: Run): Run {
  return (scope) => {
    const decided = condition(scope);
    if (decided === true) return yes(scope);
    if (decided === false) return no(scope);
    if (decided instanceof Failure) return decided;
    if (!(decided instanceof Unknown)) return noOverload("? :", decided);
    const result = yes(scope);
    return typeof result === "boolean" && result === no(scope) ? result : decided;
  };
}

function comparison(operator: "==" | "!=" | "in", left: Run, right: Run): Run {
  return (scope) => {
    const [a, b] = [left(scope), right(scope)];
    const result = operator === "in" ? isIn(a, b) : equal(a, b);
    return operator === "!=" && typeof result === "boolean" ? !result : result;
  };
}

function list(items: readonly Run[]): Run {
  return (scope) => {
    const values = items.map((item) => item(scope));
    return values.find(isFailure) ?? (values as Cell[]);
  };
}

function map(entries: readonly (readonly [Run, Run])[]): Run {
  return (scope) => {
    const made = new Map<string, Cell>();
    for (const [key, value] of entries) {
      const [k, v] = [key(scope), value(scope)];
      if (k instanceof Unknown || k instanceof Failure) return k;
      if (v instanceof Failure) return v;
      if (typeof k !== "string") return new Failure("keys of maps are texts");
      made.set(k, v);
    }
    return made;
  };
}

function call(text: string, isMethod: boolean, args: readonly Run[]): Run {
  const run = functionNamed(text, isMethod, args.length);
  if (!run) throw new Error(`CEL has no ${text}() of ${args.length} arguments here`);
  return strict(args, run);
}

function method(text: string, receiver: ASTNode, args: readonly ASTNode[], loops: readonly string[]): Run {
  const from = expression(receiver, loops);
  const [item, ...bodies] = args;
  const loop = loopsByName[text];
  if (loop && item?.op === "id" && bodies.length > 0) {
    const around = [...loops, item.args];
    return comprehension(
      from,
      bodies.map((body) => expression(body, around)),
      loop,
    );
  }
  return call(text, true, [from, ...args.map((arg) => expression(arg, loops))]);
}

function comprehension(range: Run, bodies: readonly Run[], loop: Loop): Run {
  return (scope) => {
    const from = range(scope);
    if (from instanceof Unknown || from instanceof Failure) return from;
    const items = isMap(from) ? [...from.keys()] : from;
    if (!isList(items)) return new Failure("loops are over lists and maps");
    const { variables, budget } = scope;
    const tests = bodies.map((body) => (item: Cell): Result => {
      budget.rounds -= 1;
      if (budget.rounds < 0) return new Failure("the expression takes too long");
      return body({ variables, item, outer: scope, budget });
    });
    return loop(items, tests);
  };
}

function isUnknown(result: unknown): result is Unknown {
  return result instanceof Unknown;
}

function isFailure(result: unknown): result is Failure {
  return result instanceof Failure;
}
