import { describe, expect, it } from "vitest";
import { cpuNode, defaultFleet, eksGpuNode, eksNode, gkeGpuNode, migNode } from "./nodes.js";

describe("a node of an EKS node group", () => {
  it("has the group's labels and taints, what EKS and the kubelet add, and its machine's GPUs", () => {
    const node = eksNode({
      name: "serving-1",
      zone: "us-east-2c",
      nodeGroup: {
        nodeGroupName: "serving",
        capacityType: "SPOT",
        instanceTypes: ["g6.12xlarge"],
        labels: { "plinth.dev/gpu-pool": "serving" },
        taints: [
          { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" },
          { key: "reserved", effect: "NO_EXECUTE" },
        ],
      },
    });
    expect(node.metadata).toEqual({
      name: "serving-1",
      labels: {
        "eks.amazonaws.com/capacityType": "SPOT",
        "eks.amazonaws.com/nodegroup": "serving",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": "serving-1",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "g6.12xlarge",
        "plinth.dev/gpu-pool": "serving",
        "topology.kubernetes.io/region": "us-east-2",
        "topology.kubernetes.io/zone": "us-east-2c",
      },
    });
    expect(node.spec.taints).toEqual([
      { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" },
      { key: "reserved", effect: "NoExecute" },
    ]);
    expect(node.status.allocatable).toEqual({
      cpu: "47810m",
      memory: "178933Mi",
      pods: "58",
      "ephemeral-storage": "180Gi",
      "nvidia.com/gpu": "4",
    });
  });

  it("cannot be made for a machine type or a taint effect that nobody knows", () => {
    const node = (instanceTypes: string[], effect: string) => () =>
      eksNode({ name: "n", nodeGroup: { instanceTypes, taints: [{ key: "a", effect }] } });
    expect(node(["g6.tiny"], "NO_SCHEDULE")).toThrow("no simulated node is known for the EC2 machine type g6.tiny");
    expect(node(["g6.xlarge"], "NoSchedule")).toThrow("EKS knows no taint effect NoSchedule");
    expect(node([], "NO_SCHEDULE")).toThrow("the node group of n has no instance type");
  });

  it("for GPUs has NVIDIA's and the autoscaler's labels and the taint", () => {
    const { metadata, spec, status } = eksGpuNode({ name: "l4" });
    expect(metadata.labels).toMatchObject({
      "nvidia.com/gpu.present": "true",
      "k8s.amazonaws.com/accelerator": "nvidia-l4",
      "node.kubernetes.io/instance-type": "g6.xlarge",
    });
    expect(spec.taints).toEqual([{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
    expect(status.allocatable["nvidia.com/gpu"]).toBe("1");
  });

  it("has neither GPUs nor taints when its machine has no GPU", () => {
    const { spec, status } = cpuNode({ name: "cpu", machine: "m6i.xlarge" });
    expect(spec.taints).toEqual([]);
    expect(status.allocatable).toEqual({ cpu: "3920m", memory: "14162Mi", pods: "58", "ephemeral-storage": "180Gi" });
  });
});

describe("a node of a GKE pool", () => {
  it("has GKE's labels and taint, and what GKE leaves to pods", () => {
    const { metadata, spec, status } = gkeGpuNode({ name: "l4-1", pool: "l4" });
    expect(metadata.labels).toMatchObject({
      "cloud.google.com/gke-accelerator": "nvidia-l4",
      "cloud.google.com/gke-gpu-driver-version": "default",
      "cloud.google.com/gke-nodepool": "l4",
      "topology.kubernetes.io/zone": "europe-west4-a",
    });
    expect(spec.taints).toEqual([{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
    // 8 cores less 60, 10, 10 and 10 thousandths; 32 GiB less 1, 0.8, 0.8 and 0.96 GiB and 100 MiB.
    expect(status.allocatable).toMatchObject({ cpu: "7910m", memory: "29022Mi", "nvidia.com/gpu": "1" });
  });

  it("that splits its GPUs counts the parts as GPUs and is found by their size", () => {
    const { metadata, status } = gkeGpuNode({ name: "a100", machine: "a2-highgpu-1g", partition: "1g.5gb" });
    expect(metadata.labels["cloud.google.com/gke-gpu-partition-size"]).toBe("1g.5gb");
    expect(status.allocatable["nvidia.com/gpu"]).toBe("7");
  });
});

describe("a node with split GPUs", () => {
  it.each([
    { strategy: "mixed", resource: "nvidia.com/mig-1g.5gb" },
    { strategy: "single", resource: "nvidia.com/gpu" },
  ] as const)("counts the parts as $resource with NVIDIA's strategy $strategy", ({ strategy, resource }) => {
    const { metadata, status } = migNode({ name: "mig", strategy });
    const counted = Object.entries(status.allocatable).filter(([name]) => name.startsWith("nvidia.com/"));
    expect(counted).toEqual([[resource, "56"]]);
    expect(metadata.labels).toMatchObject({
      "nvidia.com/mig.strategy": strategy,
      "nvidia.com/mig.config": "all-1g.5gb",
    });
  });

  it("cannot be made of GPUs that do not split so", () => {
    expect(() => migNode({ name: "mig", machine: "g6.xlarge" })).toThrow(
      "no GPU of g6.xlarge is known to split into 1g.5gb",
    );
    expect(() => migNode({ name: "mig", profile: "1g.10gb+me" })).toThrow("p4d.24xlarge");
  });
});

it("the default fleet has nodes of every kind, each with a name of its own", () => {
  expect(defaultFleet().map(({ metadata }) => metadata.name)).toEqual([
    "cpu-1",
    "cpu-2",
    "eks-l4-1",
    "eks-l4-2",
    "gke-l4-1",
    "gke-l4-2",
    "mig-1",
  ]);
});
