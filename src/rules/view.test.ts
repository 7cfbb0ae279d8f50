import { describe, expect, it } from "vitest";
import { manifestGraph } from "../graph/manifests.js";
import { asWritten, graphView, inSameNamespace, isNamed, isOfKind } from "./view.js";

const { graph } = manifestGraph(
  [
    {
      file: "a.yaml",
      text: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec: { template: { spec: { containers: [{ name: a }] } } }
---
apiVersion: v1
kind: ResourceQuota
metadata: { name: gpus, namespace: default }
---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: gpu }
`,
    },
  ],
  "p",
);
const view = graphView(graph, "production");

describe("the view of a graph", () => {
  it("gives objects by kind, with or without the group", () => {
    expect(view.objects().map(({ kind, group, version }) => [kind, group, version])).toEqual([
      ["Deployment", "apps", "v1"],
      ["ResourceQuota", "", "v1"],
      ["NodePool", "karpenter.sh", "v1"],
    ]);
    expect(view.objects("karpenter.sh/NodePool", "ResourceQuota").map(({ name }) => name)).toEqual(["gpus", "gpu"]);
    expect(view.objects("container.cnrm.cloud.google.com/NodePool")).toEqual([]);
    expect(isOfKind({ kind: "Service", group: "" }, ["serving.knative.dev/Service"])).toBe(false);
    expect(isOfKind({ kind: "Service", group: "serving.knative.dev" }, ["/Service"])).toBe(false);
    expect(isOfKind({ kind: "Service", group: "" }, ["/Service"])).toBe(true);
    expect(view.environment).toBe("production");
  });

  it("gives workloads with their pods, and resources by type", () => {
    expect(view.workloads().map(({ name, pods, labels }) => [name, pods.map(({ path }) => path), labels])).toEqual([
      ["web", ["spec.template.spec"], { app: "web" }],
    ]);
    expect(view.ofType(/^kubernetes:core\//).map(({ name }) => name)).toEqual(["default/gpus"]);
  });

  it("is sorted by file and line, with what has no place first", () => {
    const at = (file: string, line: number) => ({ node: { ...view.nodes[0]!, source: { file, line } } });
    const { source: _, ...placeless } = view.nodes[0]!;
    const [a, b, c, none] = [at("a.yaml", 2), at("a.yaml", 10), at("b.yaml", 1), { node: placeless }];
    expect([c, b, none, a].sort(asWritten)).toEqual([none, a, b, c]);
  });

  it("takes objects without a namespace for ones of default", () => {
    const [web, quota] = view.objects("Deployment", "ResourceQuota");
    if (!web || !quota) throw new Error("not found");
    expect(inSameNamespace(web, quota)).toBe(true);
    expect(inSameNamespace(web, { ...quota, namespace: { $unknown: "urn.x" } })).toEqual({ undecided: "urn.x" });
    expect([isNamed(web, "web"), isNamed(web, "x"), isNamed({ ...web, name: undefined }, "web")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
