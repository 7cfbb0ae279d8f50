import { expect, test } from "vitest";
import type { GraphRun, ResourceNode } from "../../../src/graph/model.js";
import type { Comparable, ComparableResource } from "./comparable.js";
import { compare, show } from "./compare.js";
import { fromGraph } from "./from-graph.js";
import { fromPreview } from "./from-preview.js";
import { maskGeneratedNames } from "./masks.js";
import { withoutInsides } from "./outside.js";
import type { RealPreview } from "./real.js";
import { fromWire } from "./wire.js";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const stack = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
const provider = "urn:pulumi:dev::p::pulumi:providers:t::default";
const urn = (name: string): string => `urn:pulumi:dev::p::t:i:R::${name}`;

const plain: ComparableResource = {
  type: "t:i:R",
  name: "a",
  kind: "custom",
  parent: stack,
  provider,
  inputs: {},
  outputs: {},
  options: {},
  dependencies: [],
  propertyDependencies: {},
};

const node = (fields: Partial<ResourceNode>): ResourceNode => ({
  urn: urn("a"),
  type: "t:i:R",
  name: "a",
  kind: "custom",
  parent: stack,
  provider,
  inputs: {},
  options: {},
  dependencies: [],
  propertyDependencies: {},
  ...fields,
});

const run = (nodes: readonly ResourceNode[], secrets: Record<string, unknown> = {}): GraphRun => ({
  graph: {
    version: 1,
    origin: "program",
    project: "p",
    stack: "dev",
    complete: true,
    nodes,
    edges: [],
    invokes: [],
    notices: [],
  },
  secrets: new Map(Object.entries(secrets)),
});

test("a plan with its step and a graph node of the same resource have one comparable form", () => {
  const goal = {
    type: "t:i:R",
    name: "a",
    custom: true,
    inputDiff: {
      adds: {
        from: UNKNOWN,
        password: { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", plaintext: '{"in":"s3cr3t"}' },
        ref: { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: urn("b"), id: "" },
        text: { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", path: "./data.txt", hash: "1" },
      },
    },
    parent: stack,
    provider: `${provider}::${UNKNOWN}`,
    dependencies: [urn("c"), urn("b")],
    propertyDependencies: { from: [urn("b")], ref: [] },
    deleteBeforeReplace: false,
    structuredAliases: [{ URN: "", Name: "old", Type: "", Project: "", Stack: "", Parent: "", NoParent: true }],
    protect: false,
    customTimeouts: {},
  };
  const newState = {
    urn: urn("a"),
    inputs: { nothing: null, password: "[secret]" },
    resourceHooks: { BeforeCreate: ["h"] },
  };
  const preview = {
    plan: { resourcePlans: { [urn("a")]: { goal, steps: ["create"] } } },
    json: { steps: [{ op: "create", urn: urn("a"), newState }] },
    outputs: new Map(),
  } satisfies Pick<RealPreview, "plan" | "json" | "outputs">;
  const graph = run(
    [
      node({
        inputs: {
          from: { $unknown: `${urn("b")}.out` },
          nothing: null,
          password: { $secret: "place" },
          ref: { $resource: urn("b") },
          text: { $asset: { kind: "file", at: "data.txt" } },
        },
        options: {
          deleteBeforeReplace: false,
          aliases: [{ name: "old", noParent: true }],
          hooks: { beforeCreate: ["h"] },
        },
        dependencies: [urn("b"), urn("c")],
        propertyDependencies: { from: [urn("b")] },
      }),
    ],
    { place: { in: "s3cr3t" } },
  );
  expect(compare(fromPreview(preview, "/w"), fromGraph(graph, "/w"))).toEqual([]);
});

test("a field of the real engine that the comparison does not know is an error", () => {
  const json = { steps: [{ op: "create", urn: urn("a"), newState: { newlyInvented: 1 } }] };
  expect(() => fromPreview({ plan: undefined, json, outputs: new Map() }, "/w")).toThrow(
    `the comparison does not know what ${urn("a")} has in newlyInvented`,
  );
});

test("what is secret is compared as one value, and a secret unknown is not an unknown", () => {
  const secret = (plaintext: string) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", plaintext });
  const inner = JSON.stringify({ a: secret('"x"'), b: UNKNOWN, c: [UNKNOWN] });
  expect(fromWire(secret(inner), "/w")).toEqual({ $: "secret", value: { a: "x", c: [null] } });
  expect(fromWire(secret(`"${UNKNOWN}"`), "/w")).toEqual({ $: "secret", value: { $: "unknown" } });
});

test("disagreements name the resource and the field, and print both sides", () => {
  const real: Comparable = { [urn("a")]: { ...plain, inputs: { deep: { list: [1, 2] } } }, [urn("b")]: plain };
  const embedded: Comparable = { [urn("a")]: { ...plain, inputs: { deep: { list: [1, 3] } } } };
  const found = compare(real, embedded);
  expect(found).toEqual([
    { urn: urn("a"), field: "inputs.deep.list[1]", real: 2, embedded: 3 },
    { urn: urn("b"), field: "", real: "a resource", embedded: undefined },
  ]);
  expect(show("program", found)).toBe(
    `program: ${urn("a")}\n  inputs.deep.list[1]\n    real:     2\n    embedded: 3\nprogram: ${urn("b")}\n  the resource\n    real:     "a resource"\n    embedded: nothing`,
  );
});

test("made-up names are masked where the graph says so and their form is the provider's", () => {
  const { graph } = run([node({ generated: ["metadata.name"] })]);
  const named = (name: string): Comparable => ({
    [urn("a")]: { ...plain, inputs: { metadata: { name } } },
    [urn("b")]: { ...plain, inputs: { of: `the ${name}` } },
  });
  const masked = maskGeneratedNames(named("a-0123abcd"), graph);
  expect(masked[urn("b")]?.inputs).toEqual({ of: "the a-(generated)" });
  expect(compare(masked, maskGeneratedNames(named("a-ffffffff"), graph))).toEqual([]);
  expect(maskGeneratedNames(named("mine"), graph)).toEqual(named("mine"));
});

test("what is inside a closed component is left out, also where something waits for it", () => {
  const child = urn("child");
  const real: Comparable = {
    [urn("a")]: plain,
    [child]: { ...plain, parent: urn("a") },
    [urn("grandchild")]: { ...plain, parent: child },
    [urn("b")]: { ...plain, dependencies: [urn("a"), child], propertyDependencies: { x: [child] } },
  };
  const { graph } = run([node({ opaque: true })]);
  expect(withoutInsides(real, graph)).toEqual({
    [urn("a")]: plain,
    [urn("b")]: { ...plain, dependencies: [urn("a")] },
  });
});
