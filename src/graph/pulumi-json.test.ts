import { describe, expect, it } from "vitest";
import { isPulumiJson, readPulumiJson } from "./pulumi-json.js";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type}::${name}`;
const namespace = urn("kubernetes:core/v1:Namespace", "ns");
const deployment = urn("kubernetes:apps/v1:Deployment", "web::a");

const state = (resources: readonly object[]) => JSON.stringify({ version: 3, deployment: { manifest: {}, resources } });
const read = (resources: readonly object[]) => readPulumiJson(state(resources), "state.json");

describe("a state export", () => {
  it("becomes the graph of its resources, with options, dependencies, providers and source positions", () => {
    const graph = read([
      {
        urn: urn("pulumi:pulumi:Stack", "shop-dev"),
        type: "pulumi:pulumi:Stack",
        custom: false,
        outputs: { url: "u" },
      },
      { urn: urn("pulumi:providers:kubernetes", "k"), type: "pulumi:providers:kubernetes", custom: true, id: "1" },
      {
        urn: deployment,
        type: "kubernetes:apps/v1:Deployment",
        custom: true,
        id: "x/web",
        parent: urn("pulumi:pulumi:Stack", "shop-dev"),
        provider: `${urn("pulumi:providers:kubernetes", "k")}::1`,
        inputs: { kind: "Deployment", __fieldManager: "own" },
        protect: true,
        dependencies: [namespace],
        propertyDependencies: { metadata: [namespace], spec: null },
        sourcePosition: "project:///src/index.ts#31,3",
      },
      { urn: urn("a:b:C", "gone"), type: "a:b:C", custom: true, delete: true },
      { urn: urn("a:b:C", "there"), type: "a:b:C", custom: true, external: true, id: "i" },
    ]);
    expect([graph.origin, graph.project, graph.stack, graph.complete]).toEqual(["pulumi", "shop", "dev", true]);
    expect(graph.nodes.map(({ name, kind }) => [name, kind])).toEqual([
      ["there", "read"],
      ["web::a", "custom"],
      ["k", "provider"],
      ["shop-dev", "stack"],
    ]);
    expect(graph.nodes[1]).toEqual({
      urn: deployment,
      type: "kubernetes:apps/v1:Deployment",
      name: "web::a",
      kind: "custom",
      parent: urn("pulumi:pulumi:Stack", "shop-dev"),
      provider: urn("pulumi:providers:kubernetes", "k"),
      inputs: { kind: "Deployment" },
      options: { protect: true },
      dependencies: [namespace],
      propertyDependencies: { metadata: [namespace] },
      source: { file: "src/index.ts", line: 31, column: 3 },
    });
    expect(graph.nodes[3]?.outputs).toEqual({ url: "u" });
  });

  it("withholds secrets, and names unknown values by the one resource they depend on, else by their own place", () => {
    const { nodes } = read([
      {
        urn: namespace,
        type: "kubernetes:core/v1:Namespace",
        custom: true,
        inputs: {
          hidden: { ...SECRET, ciphertext: "v1:abc" },
          both: { list: [{ ...SECRET, plaintext: JSON.stringify(UNKNOWN) }] },
          blinded: "[secret]",
          one: { "a/b": UNKNOWN },
          two: UNKNOWN,
        },
        propertyDependencies: { one: [deployment], two: [deployment, namespace] },
      },
    ]);
    expect(nodes[0]?.inputs).toEqual({
      hidden: { $secret: `${namespace}.hidden` },
      both: { list: [{ $secret: { $unknown: `${namespace}.both.list[0]` } }] },
      blinded: { $secret: `${namespace}.blinded` },
      one: { "a/b": { $unknown: deployment } },
      two: { $unknown: `${namespace}.two` },
    });
  });
});

describe("a preview", () => {
  it("becomes the graph of the new states; what is deleted is not in it, and a replacement counts once", () => {
    const resource = { urn: namespace, type: "kubernetes:core/v1:Namespace", custom: true, inputs: { a: 1 } };
    const text = JSON.stringify({
      steps: [
        { op: "delete", urn: deployment, oldState: { urn: deployment, type: "a:b:C", custom: true } },
        { op: "create-replacement", urn: namespace, newState: resource },
        { op: "replace", urn: namespace, newState: resource },
      ],
    });
    expect(isPulumiJson(text)).toBe(true);
    expect(readPulumiJson(text, "p").nodes.map((node) => [node.urn, node.inputs])).toEqual([[namespace, { a: 1 }]]);
  });

  it("is refused with its name when it is something else", () => {
    expect(isPulumiJson('{"kind": "Pod"}')).toBe(false);
    expect(() => readPulumiJson("{}", "x.json")).toThrow(/^x\.json: neither the output of "pulumi preview --json"/);
    expect(() => readPulumiJson("{", "x.json")).toThrow(/^x\.json: not JSON/);
  });
});
