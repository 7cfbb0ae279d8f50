import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Api, connect, makeNamespace, type Namespace, poll } from "../cluster/api.js";
import { joinNodes } from "../cluster/join.js";
import { cpuNode, eksGpuNode, gkeGpuNode, migNode, type Node } from "../cluster/nodes.js";
import { CLUSTER_TOOLS, cluster, describeWith } from "../needs.js";
import { makePod, nodeOf, type PodPlace, podSpec, refusalOf } from "./pods.js";

describeWith(CLUSTER_TOOLS, "the real scheduler", () => {
  // Nodes of this file alone, found by a label: other files run pods at the same time.
  const fleet = randomBytes(4).toString("hex");
  const labels = { "test.plinth.dev/fleet": fleet };
  const called = (name: string) => `${name}-${fleet}`;
  const nodes: readonly Node[] = [
    cpuNode({ name: called("cpu"), labels }),
    eksGpuNode({ name: called("eks-l4-1"), labels, zone: "eu-west-1a" }),
    eksGpuNode({ name: called("eks-l4-2"), labels, zone: "eu-west-1b" }),
    eksGpuNode({ name: called("eks-a10g"), machine: "g5.xlarge", labels }),
    gkeGpuNode({ name: called("gke-l4"), labels }),
    gkeGpuNode({ name: called("gke-mig"), machine: "a2-highgpu-1g", partition: "1g.5gb", labels }),
    migNode({ name: called("mig"), labels }),
  ];
  const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }] as const;
  const gpu = { "nvidia.com/gpu": "1" };
  const l4 = { ...labels, "node.kubernetes.io/instance-type": "g6.xlarge" };

  let api: Api;
  let namespace: Namespace;

  beforeAll(async () => {
    api = connect(cluster());
    namespace = await makeNamespace(api, "placement");
    await joinNodes(api, nodes);
  });
  afterAll(async () => {
    await namespace.remove();
    await Promise.all(nodes.map((node) => api.remove(node)));
  });
  // The next test counts the GPUs that are free.
  afterEach(async () => {
    const pods = `/api/v1/namespaces/${namespace.name}/pods`;
    await api.remove(`/apis/apps/v1/namespaces/${namespace.name}/deployments`);
    const gone = await poll(30, async () => {
      await api.remove(pods);
      return (await api.list(pods)).length === 0;
    });
    expect(gone).toBe(true);
  });

  const place = (pod: Omit<PodPlace, "namespace">) => makePod(api, { namespace: namespace.name, ...pod });

  it.each<{ on: string; by: Record<string, string>; asks: Record<string, string> }>([
    { on: "eks-a10g", by: { "k8s.amazonaws.com/accelerator": "nvidia-a10g" }, asks: gpu },
    { on: "eks-l4-2", by: { "topology.kubernetes.io/zone": "eu-west-1b" }, asks: gpu },
    { on: "gke-l4", by: { "cloud.google.com/gke-accelerator": "nvidia-l4" }, asks: gpu },
    { on: "gke-mig", by: { "cloud.google.com/gke-gpu-partition-size": "1g.5gb" }, asks: { "nvidia.com/gpu": "7" } },
    { on: "mig", by: {}, asks: { "nvidia.com/mig-1g.5gb": "2" } },
  ])("puts a GPU pod on the machine that it selects: $on", async ({ on, by, asks }) => {
    const path = await place({ name: "gpu", resources: asks, nodeSelector: { ...labels, ...by }, tolerations });
    expect(await nodeOf(api, path)).toBe(called(on));
  });

  it("leaves the third of three pods with a GPU waiting for two nodes of one, until one is free", async () => {
    const pod = { resources: gpu, nodeSelector: l4, tolerations };
    const [first, second] = [await place({ name: "first", ...pod }), await place({ name: "second", ...pod })];
    const used = await Promise.all([nodeOf(api, first), nodeOf(api, second)]);
    expect(used.sort()).toEqual([called("eks-l4-1"), called("eks-l4-2")]);

    const third = await place({ name: "third", ...pod });
    const refusal = await refusalOf(api, third);
    expect(refusal).toMatch(/^0\/\d+ nodes are available: /);
    expect(refusal).toContain("2 Insufficient nvidia.com/gpu");

    await api.remove(first);
    expect([called("eks-l4-1"), called("eks-l4-2")]).toContain(await nodeOf(api, third));
  });

  it("keeps pods that do not tolerate GPU nodes off them, also when they ask for a GPU", async () => {
    const selector = { ...labels, "nvidia.com/gpu.present": "true" };
    const plain = await place({ name: "plain", nodeSelector: selector });
    const asking = await place({ name: "asking", nodeSelector: selector, resources: gpu });
    const refused = /^0\/\d+ nodes are available: \d+ node\(s\) had untolerated taint\(s\), \d+ node\(s\) didn't match/;
    expect(await refusalOf(api, plain)).toMatch(refused);
    expect(await refusalOf(api, asking)).toMatch(refused);
  });

  it("puts every pod without a toleration on the one node without GPUs", async () => {
    const selector = { matchLabels: { app: "web" } };
    const spec = podSpec({ nodeSelector: labels, resources: { cpu: "100m" } });
    await api.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: namespace.name },
      spec: { replicas: 20, selector, template: { metadata: { labels: selector.matchLabels }, spec } },
    });
    await api.waitFor<{ readonly status: { readonly availableReplicas?: number } }>(
      `/apis/apps/v1/namespaces/${namespace.name}/deployments/web`,
      ({ status }) => status.availableReplicas === 20,
      { seconds: 30, what: "20 pods to run" },
    );
    const pods = await api.list<{ readonly spec: { readonly nodeName: string } }>(
      `/api/v1/namespaces/${namespace.name}/pods`,
    );
    expect(pods.map(({ spec: { nodeName } }) => nodeName)).toEqual(Array<string>(20).fill(called("cpu")));
  });

  it("gives no whole GPU of a node whose GPUs are split, and no part of one that is whole", async () => {
    const split = { ...labels, "nvidia.com/mig.strategy": "mixed" };
    const whole = await place({ name: "whole", resources: gpu, nodeSelector: split, tolerations });
    const part = { "nvidia.com/mig-1g.5gb": "1" };
    const instance = await place({ name: "part", resources: part, nodeSelector: l4, tolerations });
    expect(await refusalOf(api, whole)).toContain("1 Insufficient nvidia.com/gpu");
    expect(await refusalOf(api, instance)).toContain("2 Insufficient nvidia.com/mig-1g.5gb");
  });

  it("leaves a pod waiting that wants more processors than the GPU's machine has", async () => {
    const resources = { ...gpu, cpu: "4" };
    const path = await place({ name: "greedy", resources, nodeSelector: l4, tolerations });
    expect(await refusalOf(api, path)).toContain("2 Insufficient cpu");
  });
});
