import fc from "fast-check";
import { expect, test } from "vitest";
import { AWS_GPU_MACHINES } from "../../aws/machines.js";
import { ExistingCluster } from "../../platform/existing-cluster.js";
import { memoryPlatform } from "../../platform/memory-platform.js";
import { messageOf, one, record } from "../fixtures/record.js";
import { GpuNodePool, type GpuNodePoolArgs } from "./gpu-node-pool.js";
import { findMachine } from "./machine.js";

function pool(more: Partial<GpuNodePoolArgs> = {}): GpuNodePool {
  return new GpuNodePool("serving", { platform: memoryPlatform(), machine: "four-gpus", maxNodes: 2, ...more });
}

test("a pool carries the GPU taint and the labels by which drivers and pods find it", async () => {
  const recorded = await record(() => pool({ labels: { team: "risk" } }));
  expect(one(recorded, "plinth:memory:NodePool")).toEqual({
    machine: "four-gpus",
    capacity: ["on-demand"],
    labels: {
      team: "risk",
      "plinth.dev/gpu-pool": "ml.serving",
      "plinth.dev/gpu": "l4",
      "nvidia.com/gpu.present": "true",
    },
    taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
  });
});

test("place makes nothing and says where a pod runs and how many such pods fit", async () => {
  let made = 0;
  const recorded = await record(() => {
    const placement = pool({ capacity: ["spot", "on-demand"] }).place({ gpus: 2 });
    expect(placement).toMatchObject({
      gpus: 2,
      resource: "nvidia.com/gpu",
      nodeSelector: { "plinth.dev/gpu-pool": "ml.serving" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      maxPods: 8,
      node: { machine: "four-gpus", gpus: 4, disk: "200Gi", architecture: "amd64" },
    });
    made += placement.dependsOn.length;
  });
  expect(made).toBe(1);
  expect(recorded.map(({ type }) => type).sort()).toEqual([
    "plinth:index:GpuNodePool",
    "plinth:memory:NodePool",
    "pulumi:providers:kubernetes",
  ]);
});

test("place refuses more GPUs than a machine has, and what is no number of them", async () => {
  await record(() => {
    const made = pool();
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 1000 }), (gpus) => {
        expect(messageOf(() => made.place({ gpus }))).toContain(`gpus: ${gpus} is not allowed; one four-gpus has 4`);
      }),
    );
    for (const gpus of [0, -1, 1.5, Number.NaN])
      expect(messageOf(() => made.place({ gpus }))).toContain("must be a whole number");
  });
});

test.each<[string, Partial<GpuNodePoolArgs>, string]>([
  [
    "an unknown machine",
    { machine: "for-gpu" },
    'machine: "for-gpu" is not allowed; it is no machine with NVIDIA GPUs that MemoryPlatform knows: did you mean',
  ],
  ["a minimum above the maximum", { minNodes: 3 }, "minNodes: 3 is not allowed; it must be at most maxNodes, 2"],
  ["one capacity named twice", { capacity: ["spot", "spot"] }, "must name each capacity once"],
  ["an unknown capacity", { capacity: "reserved" as never }, "capacity"],
  ["a disk too small for the images", { diskSize: 10 }, "diskSize: 10 is not allowed"],
  ["a label that is set for you", { labels: { "nvidia.com/gpu.present": "false" } }, "they are set for you"],
  ["an unknown argument", { gpu: "l4" } as never, "gpu"],
])("%s is refused", async (_, more, expected) => {
  await record(() => {
    const message = messageOf(() => pool(more));
    expect(message).toContain('GpuNodePool "serving" has 1 fault:');
    expect(message).toContain(expected);
  });
});

test("a platform without pools says which have them", async () => {
  await record(() => {
    const platform = new ExistingCluster("c", { kubeconfig: "{}" });
    expect(messageOf(() => pool({ platform }))).toBe(
      'GpuNodePool "serving" has 1 fault:\n  platform: needs pools of GPU machines, which ExistingCluster "c" does not have; platforms that do: EksPlatform (plinth/aws)',
    );
  });
});

test("every whole-GPU machine of the table is found, and a fraction of one is refused with the reason", () => {
  for (const machine of AWS_GPU_MACHINES.values()) {
    const find = () => findMachine("p", machine.name, AWS_GPU_MACHINES, { kind: "EksPlatform" });
    if (machine.gpus > 0) expect(find()).toBe(machine);
    else expect(messageOf(find)).toContain("it has a fraction of one GPU");
  }
  expect(messageOf(() => findMachine("p", "g6.xlagre", AWS_GPU_MACHINES, { kind: "EksPlatform" }))).toContain(
    "did you mean g6.xlarge",
  );
  expect(messageOf(() => findMachine("p", "m5.large", AWS_GPU_MACHINES, { kind: "EksPlatform" }))).toContain(
    "no machine with NVIDIA GPUs",
  );
});
