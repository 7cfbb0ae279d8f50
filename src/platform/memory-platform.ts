import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { GpuMachine, NodePools } from "./node-pools.js";
import type { Platform } from "./platform.js";

const MACHINES: readonly GpuMachine[] = [
  { name: "one-gpu", gpu: "l4", gpus: 1, gpuMemoryMiB: 23_034, cpu: "3920m", memory: "14Gi", architecture: "amd64" },
  { name: "four-gpus", gpu: "l4", gpus: 4, gpuMemoryMiB: 23_034, cpu: "47", memory: "170Gi", architecture: "amd64" },
  { name: "arm-gpu", gpu: "t4g", gpus: 1, gpuMemoryMiB: 16_384, cpu: "3920m", memory: "7Gi", architecture: "arm64" },
];

/**
 * A platform for tests: it keeps pools in memory as plain components, gives no identities and needs no cloud's SDK.
 *
 * @param overrides What differs from a development platform with namespace `ml`.
 */
export function memoryPlatform(overrides: Partial<Platform> = {}): Platform {
  return {
    kind: "MemoryPlatform",
    name: "memory",
    environment: "development",
    namespace: "ml",
    tags: {},
    provider: new KubernetesProvider("memory", { kubeconfig: "{}" }),
    addons: {},
    nodePools: memoryNodePools,
    ...overrides,
  };
}

const memoryNodePools: NodePools = {
  machines: new Map(MACHINES.map((machine) => [machine.name, machine])),
  faults: () => [],
  create: ({ name, machine, labels, taints, capacity }, parent) => ({
    nodes: new pulumi.ComponentResource(
      "plinth:memory:NodePool",
      name,
      { machine: machine.name, labels, taints, capacity },
      { parent },
    ),
  }),
};
