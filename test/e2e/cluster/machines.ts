import { AWS_GPU_MACHINES } from "../../../src/aws/machines.js";
import { GCP_GPU_MACHINES } from "../../../src/gcp/machines.js";

/** What a machine type gives to pods, before any GPU is shared. */
export interface Machine {
  readonly name: string;
  readonly cpu: string;
  readonly memory: string;
  readonly gpus: number;
  readonly architecture: "amd64" | "arm64";
  /** The GPU's name in the cloud's own labels; undefined without GPUs. */
  readonly gpu?: string;
}

/** EC2 machines without GPUs, by the same estimate as the table of those with: what counts is vCPUs, memory and pods. */
const AWS_CPU_MACHINES: readonly Machine[] = [
  { name: "m6i.xlarge", cpu: "3920m", memory: "14162Mi", gpus: 0, architecture: "amd64" },
  { name: "m6i.2xlarge", cpu: "7910m", memory: "29317Mi", gpus: 0, architecture: "amd64" },
  { name: "m6i.8xlarge", cpu: "31850m", memory: "118312Mi", gpus: 0, architecture: "amd64" },
];

/** An EC2 machine type by its name. */
export function awsMachine(name: string): Machine {
  const machine = AWS_GPU_MACHINES.get(name) ?? AWS_CPU_MACHINES.find((candidate) => candidate.name === name);
  if (machine === undefined) throw new Error(`no simulated node is known for the EC2 machine type ${name}`);
  return machine;
}

/** A Compute Engine machine type by its name, less what GKE keeps for itself. */
export function gcpMachine(name: string): Machine {
  const machine = GCP_GPU_MACHINES.get(name);
  if (machine === undefined) throw new Error(`no simulated node is known for the Compute Engine machine type ${name}`);
  const { vcpu, memoryGB, gpus, accelerator } = machine;
  return {
    name,
    cpu: `${Math.floor(vcpu * 1000 - reserved(vcpu, GKE_CPU) * 1000)}m`,
    memory: `${Math.floor((memoryGB - reserved(memoryGB, GKE_MEMORY)) * 1024 - GKE_EVICTION_MIB)}Mi`,
    gpus,
    gpu: accelerator,
    // Of the machines in the table, only those with Grace processors are Arm.
    architecture: name.startsWith("a4x-") ? "arm64" : "amd64",
  };
}

/** Shares that GKE reserves of the first so many cores, of the next, and so on (its page on node sizes). */
const GKE_CPU = [
  [1, 0.06],
  [1, 0.01],
  [2, 0.005],
  [Number.POSITIVE_INFINITY, 0.0025],
] as const;

/** The same of GiB of memory. */
const GKE_MEMORY = [
  [4, 0.25],
  [4, 0.2],
  [8, 0.1],
  [112, 0.06],
  [Number.POSITIVE_INFINITY, 0.02],
] as const;

const GKE_EVICTION_MIB = 100;

function reserved(amount: number, steps: readonly (readonly [number, number])[]): number {
  let left = amount;
  let sum = 0;
  for (const [size, share] of steps) {
    sum += Math.min(left, size) * share;
    left -= Math.min(left, size);
  }
  return sum;
}

/** Instances that a GPU splits into when it is split evenly, by its memory and the profile (NVIDIA/mig-parted v0.15.0). */
const MIG_INSTANCES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "a100-40": { "1g.5gb": 7, "1g.10gb": 4, "2g.10gb": 3, "3g.20gb": 2, "4g.20gb": 1, "7g.40gb": 1 },
  "a100-80": { "1g.10gb": 7, "1g.20gb": 4, "2g.20gb": 3, "3g.40gb": 2, "4g.40gb": 1, "7g.80gb": 1 },
  "h100-80": { "1g.10gb": 7, "1g.20gb": 4, "2g.20gb": 3, "3g.40gb": 2, "4g.40gb": 1, "7g.80gb": 1 },
};

/** The GPU of a machine that can be split, as the table above names it. */
const MIG_GPUS: Readonly<Record<string, string>> = {
  "p4d.24xlarge": "a100-40",
  "p4de.24xlarge": "a100-80",
  "p5.4xlarge": "h100-80",
  "p5.48xlarge": "h100-80",
  "a2-highgpu-1g": "a100-40",
  "a2-highgpu-8g": "a100-40",
  "a2-ultragpu-1g": "a100-80",
  "a3-highgpu-8g": "h100-80",
};

/** How many instances of a profile one GPU of the machine makes. */
export function migInstances(machine: string, profile: string): number {
  const instances = MIG_INSTANCES[MIG_GPUS[machine] ?? ""]?.[profile];
  if (instances === undefined) throw new Error(`no GPU of ${machine} is known to split into ${profile}`);
  return instances;
}
