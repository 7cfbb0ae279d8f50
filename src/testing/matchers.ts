import { isDeepStrictEqual } from "node:util";
import type { GraphRun, ResourceGraph, ResourceNode } from "../graph/model.js";

/** What a matcher of vitest or jest answers. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Matchers for the graph of a run: `expect.extend(matchers)`. To have their types, put this into a file of your tests:
 *
 * ```ts
 * import type { Matchers as PlinthMatchers } from "plinth/testing";
 * declare module "vitest" {
 *   interface Matchers<T = any> extends PlinthMatchers {}
 * }
 * ```
 */
export interface Matchers {
  /**
   * There is a resource of this kind whose inputs hold what `partial` does. Objects may have more fields, lists must be equal in
   * length; the name of the resource may be given as `$name`.
   *
   * @param kind a type token (`aws:s3/bucket:Bucket`) or the last word of one (`Deployment`)
   */
  toHaveResource(kind: string, partial?: object): void;
  /** There are exactly this many resources of the kind. */
  toHaveResources(kind: string, count: number): void;
}

export const matchers = {
  toHaveResource(received: GraphRun | ResourceGraph, kind: string, partial: object = {}): MatcherResult {
    const graph = graphOf(received);
    const candidates = ofKind(graph, kind);
    const tried = candidates.map((node) => ({ node, differences: differencesOf(node, partial) }));
    const pass = tried.some(({ differences }) => differences.length === 0);
    return {
      pass,
      message: () => {
        if (pass)
          return `expected no ${kind} with these inputs, but there is one:\n${JSON.stringify(partial, null, 2)}`;
        if (candidates.length === 0) return `expected a ${kind}, but there is none. ${kindsOf(graph)}`;
        const lines = tried.map(
          ({ node, differences }) => `  ${node.name}\n${differences.map((line) => `    ${line}`).join("\n")}`,
        );
        return `expected a ${kind} with these inputs, but each of the ${candidates.length} differs:\n${lines.join("\n")}`;
      },
    };
  },

  toHaveResources(received: GraphRun | ResourceGraph, kind: string, count: number): MatcherResult {
    const graph = graphOf(received);
    const names = ofKind(graph, kind).map((node) => node.name);
    const found =
      names.length === 0 ? `there are none. ${kindsOf(graph)}` : `there are ${names.length}: ${names.join(", ")}`;
    return {
      pass: names.length === count,
      message: () => `expected ${names.length === count ? "not " : ""}${count} of ${kind}, but ${found}`,
    };
  },
};

function graphOf(received: GraphRun | ResourceGraph): ResourceGraph {
  return "graph" in received ? received.graph : received;
}

function ofKind(graph: ResourceGraph, kind: string): ResourceNode[] {
  return graph.nodes.filter((node) => node.type === kind || shortKind(node) === kind);
}

function shortKind(node: ResourceNode): string {
  return node.type.split(":").at(-1) ?? "";
}

function kindsOf(graph: ResourceGraph): string {
  const kinds = new Set(graph.nodes.filter((node) => node.kind !== "stack").map(shortKind));
  return kinds.size === 0 ? "The graph has no resources." : `There are: ${[...kinds].sort().join(", ")}.`;
}

function differencesOf(node: ResourceNode, partial: object): string[] {
  const { $name, ...inputs } = partial as { readonly $name?: unknown };
  const named =
    $name === undefined || $name === node.name
      ? []
      : [`name: ${JSON.stringify(node.name)}, not ${JSON.stringify($name)}`];
  return [...named, ...differences(node.inputs, inputs, "")];
}

/** Where `actual` does not hold what `expected` does. Objects of the test framework (`expect.any(…)`) judge for themselves. */
function differences(actual: unknown, expected: unknown, path: string): string[] {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(actual) ? [] : [difference(actual, expected, path)];
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, index) => differences(actual[index], item, `${path}[${index}]`));
  }
  if (isRecord(expected) && isRecord(actual)) {
    return Object.entries(expected).flatMap(([key, value]) =>
      differences(actual[key], value, path === "" ? key : `${path}.${key}`),
    );
  }
  return isDeepStrictEqual(actual, expected) ? [] : [difference(actual, expected, path)];
}

function difference(actual: unknown, expected: unknown, path: string): string {
  const shown = actual === undefined ? "is absent" : `is ${JSON.stringify(actual)}`;
  return `${path}: ${shown}, not ${isAsymmetric(expected) ? String(expected) : JSON.stringify(expected)}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAsymmetric(value: unknown): value is { asymmetricMatch(actual: unknown): boolean } {
  return isRecord(value) && "asymmetricMatch" in value && typeof value.asymmetricMatch === "function";
}
