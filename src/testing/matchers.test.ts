import { describe, expect, it } from "vitest";
import { assembleGraph } from "../graph/assemble.js";
import type { ResourceNode } from "../graph/model.js";
import { matchers, type Matchers as PlinthMatchers } from "./matchers.js";

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: the parameters must be those of vitest's own declaration
  interface Matchers<T = any> extends PlinthMatchers {}
}

function node(type: string, name: string, inputs: ResourceNode["inputs"]): ResourceNode {
  return {
    urn: `urn:${type}::${name}`,
    type,
    name,
    kind: "custom",
    inputs,
    options: {},
    dependencies: [],
    propertyDependencies: {},
  };
}

const graph = assembleGraph({
  origin: "test",
  project: "p",
  stack: "s",
  nodes: [
    node("kubernetes:apps/v1:Deployment", "a", { spec: { replicas: 2, ports: [{ port: 80, name: "http" }] } }),
    node("kubernetes:apps/v1:Deployment", "b", { spec: { replicas: 3 } }),
    node("aws:s3/bucket:Bucket", "data", {}),
  ],
});

describe("toHaveResource", () => {
  it.each<[string, object | undefined, boolean]>([
    ["Deployment", undefined, true],
    ["kubernetes:apps/v1:Deployment", { spec: { replicas: 3 } }, true],
    ["Deployment", { $name: "b", spec: { replicas: 3 } }, true],
    ["Deployment", { $name: "a", spec: { replicas: 3 } }, false],
    ["Deployment", { spec: { ports: [{ port: 80 }] } }, true],
    ["Deployment", { spec: { ports: [] } }, false],
    ["Deployment", { spec: { replicas: expect.any(Number) } }, true],
    ["Deployment", { spec: { replicas: expect.any(String) } }, false],
    ["Deployments", undefined, false],
    ["aws:s3/bucket:Bucket", {}, true],
  ])("of %s with %j is %s", (kind, partial, pass) => {
    expect(matchers.toHaveResource(graph, kind, partial).pass).toBe(pass);
    expect(matchers.toHaveResource({ graph, secrets: new Map() }, kind, partial).pass).toBe(pass);
  });

  it("shows how each candidate differs", () => {
    expect(matchers.toHaveResource(graph, "Deployment", { spec: { replicas: 4, paused: true } }).message()).toBe(
      [
        "expected a Deployment with these inputs, but each of the 2 differs:",
        "  a",
        "    spec.replicas: is 2, not 4",
        "    spec.paused: is absent, not true",
        "  b",
        "    spec.replicas: is 3, not 4",
        "    spec.paused: is absent, not true",
      ].join("\n"),
    );
  });

  it("lists the kinds there are when there is none of this one", () => {
    expect(matchers.toHaveResource(graph, "Service").message()).toBe(
      "expected a Service, but there is none. There are: Bucket, Deployment.",
    );
  });

  it("says what was found when it should not be there", () => {
    expect(matchers.toHaveResource(graph, "Bucket").message()).toBe(
      "expected no Bucket with these inputs, but there is one:\n{}",
    );
  });
});

describe("toHaveResources", () => {
  it("counts", () => {
    expect(matchers.toHaveResources(graph, "Deployment", 2).pass).toBe(true);
    expect(matchers.toHaveResources(graph, "Service", 0).pass).toBe(true);
    const wrong = matchers.toHaveResources(graph, "Deployment", 1);
    expect([wrong.pass, wrong.message()]).toEqual([false, "expected 1 of Deployment, but there are 2: a, b"]);
  });
});

describe("in vitest", () => {
  it("are matchers of expect, with types", () => {
    expect.extend(matchers);
    expect(graph).toHaveResource("Deployment", { spec: { replicas: 2 } });
    expect(graph).not.toHaveResource("Service");
    expect(graph).toHaveResources("Deployment", 2);
    expect(() => expect(graph).toHaveResource("Service")).toThrow("expected a Service, but there is none.");
  });
});
