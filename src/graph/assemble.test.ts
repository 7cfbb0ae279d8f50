import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleGraph, edgesOf, sortKeys } from "./assemble.js";
import type { ResourceNode } from "./model.js";

function node(urn: string, fields: Partial<ResourceNode> = {}): ResourceNode {
  return {
    urn,
    type: "t",
    name: urn,
    kind: "custom",
    inputs: {},
    options: {},
    dependencies: [],
    propertyDependencies: {},
    ...fields,
  };
}

const nodes = [
  node("b", { parent: "a", dependencies: ["c", "a", "c"], provider: "p", inputs: { z: 1, y: { b: 1, a: 2 } } }),
  node("a", { generated: ["x", "b"], propertyDependencies: { z: ["c", "b", "c"], a: [] } }),
  node("c", { dependencies: ["gone"] }),
  node("p", { kind: "provider" }),
];

describe("assembleGraph", () => {
  it("gives byte-identical JSON for any order of the same parts", () => {
    const notices = ["n1", "n2"].map((message) => ({ severity: "info" as const, code: "log", message }));
    const invokes = [1, 2].map((x) => ({ token: "t", answer: "file" as const, args: { x } }));
    const of = (parts: { nodes: ResourceNode[]; notices: typeof notices; invokes: typeof invokes }) =>
      JSON.stringify(assembleGraph({ origin: "test", project: "p", stack: "s", ...parts }));
    const first = of({ nodes, notices, invokes });
    const orders = fc.record({
      nodes: fc.shuffledSubarray(nodes, { minLength: 4 }),
      notices: fc.shuffledSubarray(notices, { minLength: 2 }),
      invokes: fc.shuffledSubarray(invokes, { minLength: 2 }),
    });
    fc.assert(fc.property(orders, (parts) => of(parts) === first));
  });

  it("sorts keys and sets and leaves out what is empty", () => {
    const graph = assembleGraph({ origin: "test", project: "p", stack: "s", nodes });
    expect(graph.nodes.map((each) => each.urn)).toEqual(["a", "b", "c", "p"]);
    expect(JSON.stringify(graph.nodes[1]!.inputs)).toBe('{"y":{"a":2,"b":1},"z":1}');
    expect(graph.nodes[1]!.dependencies).toEqual(["a", "c"]);
    expect(graph.nodes[0]!.generated).toEqual(["b", "x"]);
    expect(graph.nodes[0]!.propertyDependencies).toEqual({ z: ["b", "c"] });
    expect(graph.complete).toBe(true);
  });

  it("is the same when made again of its own result", () => {
    const graph = assembleGraph({ origin: "test", project: "p", stack: "s", nodes });
    expect(JSON.stringify(assembleGraph(graph))).toBe(JSON.stringify(graph));
  });
});

describe("edgesOf", () => {
  it("has an edge for each parent, provider and dependency that is there, sorted", () => {
    expect(edgesOf(nodes)).toEqual([
      { from: "b", to: "a", kind: "dependency" },
      { from: "b", to: "c", kind: "dependency" },
      { from: "b", to: "a", kind: "parent" },
      { from: "b", to: "p", kind: "provider" },
    ]);
  });
});

describe("sortKeys", () => {
  it("keeps the value and the order of lists", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(sortKeys(value)).toEqual(value);
      }),
    );
    expect(JSON.stringify(sortKeys([{ b: 1, a: undefined }, "x"]))).toBe('[{"b":1},"x"]');
  });
});
