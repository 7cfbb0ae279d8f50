import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { program } from "./fixtures/program.js";
import { serializeGraph } from "./json.js";
import type { InvokeRecord, NodeOptions, Notice, ResourceGraph, ResourceNode } from "./model.js";
import { parseGraph } from "./parse.js";
import { graphSchema } from "./schema.js";

const fieldsOf = (name: keyof typeof graphSchema.$defs) => {
  const definition: object = graphSchema.$defs[name];
  return "properties" in definition ? Object.keys(definition.properties as object).sort() : [];
};

/** Every field of each type: the compiler keeps these lists whole, the test compares them with the schema. */
const options: Record<keyof NodeOptions, true> = {
  protect: true,
  retainOnDelete: true,
  deleteBeforeReplace: true,
  deletedWith: true,
  ignoreChanges: true,
  replaceOnChanges: true,
  hideDiffs: true,
  additionalSecretOutputs: true,
  aliases: true,
  customTimeouts: true,
  importId: true,
  replaceWith: true,
  replacementTrigger: true,
  hooks: true,
  providers: true,
};
const node: Record<keyof ResourceNode, true> = {
  urn: true,
  type: true,
  name: true,
  kind: true,
  parent: true,
  provider: true,
  inputs: true,
  outputs: true,
  options: true,
  dependencies: true,
  propertyDependencies: true,
  source: true,
  generated: true,
  opaque: true,
};
const graph: Record<keyof ResourceGraph, true> = {
  version: true,
  origin: true,
  project: true,
  stack: true,
  organization: true,
  complete: true,
  nodes: true,
  edges: true,
  invokes: true,
  notices: true,
};
const invoke: Record<keyof InvokeRecord, true> = { token: true, answer: true, args: true, source: true };
const notice: Record<keyof Notice, true> = { severity: true, code: true, message: true, urn: true, source: true };

describe("the schema of the graph", () => {
  it("is the text of schema.json", () => {
    const text = readFileSync(new URL("./schema.json", import.meta.url), "utf8");
    expect(JSON.parse(text)).toEqual(graphSchema);
  });

  it("has exactly the fields of the types", () => {
    expect(Object.keys(graphSchema.properties).sort()).toEqual(Object.keys(graph).sort());
    expect(fieldsOf("node")).toEqual(Object.keys(node).sort());
    expect(fieldsOf("options")).toEqual(Object.keys(options).sort());
    expect(fieldsOf("invoke")).toEqual(Object.keys(invoke).sort());
    expect(fieldsOf("notice")).toEqual(Object.keys(notice).sort());
  });

  it("accepts a graph with every kind of fact and refuses an unknown field", () => {
    const validate = new Ajv2020().compile(graphSchema);
    expect(validate(program)).toBe(true);
    expect(validate({ ...program, colour: "red" })).toBe(false);
  });
});

describe("the graph as JSON", () => {
  it("reads back as the same graph", () => {
    expectTypeOf(parseGraph).returns.toEqualTypeOf<ResourceGraph>();
    expect(parseGraph(serializeGraph(program))).toEqual(program);
  });

  it("is the same bytes for any order of nodes, ends with a newline and starts with the version", () => {
    const text = serializeGraph(program);
    expect(text).toMatch(/^\{\n {2}"version": 1,\n.*\}\n$/s);
    fc.assert(
      fc.property(fc.shuffledSubarray([...program.nodes], { minLength: program.nodes.length }), (nodes) => {
        expect(serializeGraph({ ...program, nodes, edges: [] })).toBe(text);
      }),
    );
  });

  it("names the file and the field that is wrong", () => {
    expect(() => parseGraph("{", "g.json")).toThrow(/^g\.json: not JSON: /);
    expect(() => parseGraph(JSON.stringify({ ...program, version: 2 }), "g.json")).toThrow(
      'g.json: not a resource graph of version 1: /version must be equal to constant. Write it again with "plinth preview --format json".',
    );
  });
});
