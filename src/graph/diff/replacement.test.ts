import { describe, expect, it } from "vitest";
import type { NodeOptions, Properties, ResourceNode } from "../model.js";
import { deployment, graph, manifests, node, told } from "./fixtures/graphs.js";
import { diffGraphs } from "./index.js";

describe("replacements", () => {
  const kubernetes = (type: string, inputs: Properties, rest: Partial<ResourceNode> = {}) =>
    graph(node({ type: `kubernetes:${type}`, inputs: { metadata: { name: "x" }, ...inputs }, rest }));
  it.each<[string, Properties, Properties, string]>([
    [
      "apps/v1:Deployment",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      { spec: { selector: { matchLabels: { a: "2" } } } },
      "replace",
    ],
    ["apps/v1:Deployment", { spec: { selector: { matchLabels: { a: "1" } } } }, { spec: {} }, "replace"],
    ["apps/v1:Deployment", { spec: { replicas: 1 } }, {}, "change"],
    ["apps/v1:Deployment", { spec: { selector: {} } }, {}, "replace"],
    ["apps/v1:StatefulSet", { spec: { serviceName: "a" } }, { spec: { serviceName: "b" } }, "replace"],
    ["apps/v1:StatefulSet", { spec: { replicas: 1 } }, { spec: { replicas: 2 } }, "change"],
    ["batch/v1:Job", { spec: { template: { spec: { nodeName: "a" } } } }, { spec: { template: {} } }, "replace"],
    ["batch/v1:Job", { spec: { suspend: true } }, { spec: { suspend: false } }, "change"],
    ["core/v1:Service", { spec: { clusterIP: "None" } }, { spec: {} }, "replace"],
    [
      "core/v1:Pod",
      { spec: { containers: [{ name: "a", image: "a:1" }] } },
      { spec: { containers: [{ name: "a", image: "a:2" }] } },
      "replace",
    ],
    ["core/v1:ConfigMap", { data: { a: "1" } }, { data: { a: "2" } }, "replace"],
    [
      "core/v1:PersistentVolumeClaim",
      { spec: { storageClassName: "a" } },
      { spec: { storageClassName: "b" } },
      "replace",
    ],
    ["core/v1:PersistentVolumeClaim", { spec: { resources: 1 } }, { spec: { resources: 2 } }, "change"],
    ["storage.k8s.io/v1:StorageClass", { parameters: { type: "gp3" } }, { parameters: { type: "io2" } }, "replace"],
    ["serving.kserve.io/v1beta1:InferenceService", { spec: { a: 1 } }, { spec: { a: 2 } }, "change"],
    ["serving.kserve.io/v1beta1:InferenceService", {}, { metadata: { name: "y" } }, "replace"],
  ])("of %s from %j to %j: %s", (type, before, after, action) => {
    expect(diffGraphs(kubernetes(type, before), kubernetes(type, after)).changes).toMatchObject([{ action }]);
  });

  it("of configuration depend on the provider's setting", () => {
    const provider = node({
      type: "pulumi:providers:kubernetes",
      kind: "provider",
      inputs: { enableConfigMapMutable: "true" },
    });
    const config = (value: string, immutable = false) =>
      graph(
        provider,
        node({
          type: "kubernetes:core/v1:ConfigMap",
          inputs: { metadata: { name: "x" }, data: { a: value }, ...(immutable && { immutable }) },
          rest: { provider: provider.urn },
        }),
      );
    expect(diffGraphs(config("1"), config("2")).changes).toMatchObject([{ action: "change" }]);
    expect(diffGraphs(config("1", true), config("2", true)).changes).toMatchObject([{ action: "replace" }]);
  });

  it("reach what takes a value from a replaced resource, and go on from there", () => {
    const group = (clusterName: string) =>
      node({ type: "aws:eks/nodeGroup:NodeGroup", name: "pool", inputs: { clusterName } });
    const tag = node({
      type: "aws:autoscaling/tag:Tag",
      name: "tag",
      inputs: { autoscalingGroupName: { $unknown: `${group("").urn}.resources` } },
    });
    const reader = deployment("d", { tag: { $unknown: `${tag.urn}.id` }, other: { $unknown: "urn.x" } });
    const diff = diffGraphs(graph(group("a"), tag, reader), graph(group("b"), tag, reader));
    expect(told(diff)).toEqual([
      "maybe replace aws:autoscaling:Tag tag autoscalingGroupName!",
      "replace aws:eks:NodeGroup pool clusterName!",
      "change Deployment ml/d tag",
    ]);
  });

  it("of manifests are only what the API server refuses to change", () => {
    const yaml = (data: string, image: string, selector: string) => `
apiVersion: v1
kind: ConfigMap
metadata: { name: c }
data: { a: "${data}" }
---
apiVersion: v1
kind: Pod
metadata: { name: p }
spec: { containers: [{ name: a, image: "${image}" }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
spec: { selector: { matchLabels: { a: "${selector}" } } }
`;
    expect(told(diffGraphs(manifests(yaml("1", "a:1", "1")), manifests(yaml("2", "a:2", "2"))))).toEqual([
      "replace Deployment d spec.selector.matchLabels.a!",
      "change ConfigMap c data.a",
      "change Pod p spec.containers[name=a].image",
    ]);
  });

  it("of clouds' resources come from their tables, the region of AWS and replaceOnChanges", () => {
    const replaced = (type: string, before: Properties, after: Properties, options: NodeOptions = {}) =>
      diffGraphs(graph(node({ type, inputs: before })), graph(node({ type, inputs: after, options }))).changes[0]
        ?.action;
    expect(replaced("aws:eks/nodeGroup:NodeGroup", { instanceTypes: ["a"] }, { instanceTypes: ["b"] })).toBe("replace");
    expect(replaced("aws:eks/nodeGroup:NodeGroup", { launchTemplate: { id: "a" } }, {})).toBe("replace");
    expect(
      replaced(
        "aws:eks/nodeGroup:NodeGroup",
        { launchTemplate: { version: "1" } },
        { launchTemplate: { version: "2" } },
      ),
    ).toBe("change");
    expect(replaced("aws:sns/topic:Topic", { region: "eu-west-1" }, { region: "eu-west-3" })).toBe("replace");
    expect(
      replaced("gcp:container/nodePool:NodePool", { nodeConfig: { spot: true } }, { nodeConfig: { spot: false } }),
    ).toBe("replace");
    expect(replaced("random:index/id:Id", { a: 1 }, { a: 2 }, { replaceOnChanges: ["*"] })).toBe("replace");
    expect(replaced("random:index/id:Id", { a: 1, b: 1 }, { a: 1, b: 2 }, { replaceOnChanges: ["a"] })).toBe("change");
  });
});
