import * as pulumi from "@pulumi/pulumi";
import { ArgsError } from "../../core/args-error.js";
import { checkArgs } from "../../core/check-args.js";
import { labelValue } from "../../core/labels.js";
import { isBranded } from "../../platform/brand.js";
import type { Capacity, GpuMachine, NodePoolSpec, Taint } from "../../platform/node-pools.js";
import { type Platform, requireCapability } from "../../platform/platform.js";
import { GPU_TOLERATION, type GpuPlacement, requireGpus } from "../../platform/refs.js";
import { findMachine } from "./machine.js";
import { gpuNodePoolSchema } from "./schema.js";

export interface GpuNodePoolArgs {
  /** Where the machines run. */
  readonly platform: Platform;
  /** The cloud's machine type, e.g. `g6.xlarge`. */
  readonly machine: string;
  /**
   * Machines that are always there. With several capacities it applies to the first; the others shrink to nothing.
   * Raising it above the pool's present size takes a manual scale-up first, since the autoscaler owns the size.
   * @default 0, so that an idle pool costs nothing
   */
  readonly minNodes?: pulumi.Input<number>;
  /** The most machines the autoscaler may start, of each capacity. */
  readonly maxNodes: pulumi.Input<number>;
  /**
   * How machines are bought. With both, there is one group of machines for each; which of them grows first is the
   * autoscaler's choice (its expander). @default ["on-demand"]
   */
  readonly capacity?: Capacity | readonly Capacity[];
  /** Disk of each machine in GiB: images, models and logs. @default 200 */
  readonly diskSize?: number;
  /** More labels for the machines. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Subnets of the machines. @default the platform's */
  readonly subnets?: pulumi.Input<pulumi.Input<string>[]>;
  /** An existing role of the machines, by its ARN on AWS. @default the platform's, else one is made */
  readonly nodeRole?: pulumi.Input<string>;
}

export interface PlaceArgs {
  /** GPUs of one pod, all on one machine. @default 1 */
  readonly gpus?: number;
}

const DEFAULT_DISK_GIB = 200;

/** Present on every GPU node, on every cloud: NVIDIA's own DaemonSets tolerate exactly this one and no second taint. */
const GPU_TAINT: Taint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

const BRAND = Symbol.for("plinth.GpuNodePool");

/** A pool of GPU machines that grows with the pods that ask for it and shrinks to `minNodes`. */
export class GpuNodePool extends pulumi.ComponentResource {
  /** The name it was given in the program. */
  readonly poolName: string;
  /** Disk of each machine in GiB. */
  readonly diskSize: number;
  /** Machines the pool can grow to, over all capacities; undefined when `maxNodes` is an Output. */
  readonly maxNodes: number | undefined;
  /** The label by which pods find these machines. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** What one machine offers. */
  readonly machine: GpuMachine;
  /** What the platform made, by name, e.g. `launchTemplate` and `on-demand` on EKS. */
  readonly resources: Readonly<Record<string, pulumi.Resource>>;
  /** @internal */
  readonly [BRAND] = true;

  /** @throws ArgsError naming every argument that cannot work. */
  constructor(name: string, args: GpuNodePoolArgs, opts?: pulumi.ComponentResourceOptions) {
    const capacity = [args?.capacity ?? "on-demand"].flat();
    super("plinth:index:GpuNodePool", name, { machine: args?.machine, capacity, diskSize: args?.diskSize }, opts);
    const construct = `GpuNodePool "${name}"`;
    const checked = checkArgs(construct, gpuNodePoolSchema, args);
    const { platform } = checked;
    const nodePools = requireCapability(platform, "nodePools", construct, "platform");
    this.machine = findMachine(construct, checked.machine, nodePools.machines, platform);
    this.poolName = name;
    this.diskSize = checked.diskSize ?? DEFAULT_DISK_GIB;
    this.nodeSelector = { "plinth.dev/gpu-pool": labelValue(`${platform.namespace}.${name}`) };

    const spec: NodePoolSpec = {
      name: `${name}-pool`,
      machine: this.machine,
      capacity,
      minNodes: checked.minNodes ?? 0,
      maxNodes: checked.maxNodes,
      diskSizeGiB: this.diskSize,
      labels: {
        ...checked.labels,
        ...this.nodeSelector,
        "plinth.dev/gpu": this.machine.gpu,
        // NVIDIA's device plugin runs only where this is, unless node feature discovery is there too.
        "nvidia.com/gpu.present": "true",
      },
      taints: [GPU_TAINT],
      ...(checked.subnets && { subnets: checked.subnets }),
      ...(checked.nodeRole && { nodeRole: checked.nodeRole }),
    };
    const faults = nodePools.faults(spec);
    if (faults.length > 0) throw new ArgsError(construct, faults);
    const { maxNodes } = checked;
    this.maxNodes = typeof maxNodes === "number" ? maxNodes * capacity.length : undefined;
    this.resources = nodePools.create(spec, this);
    this.registerOutputs({});
  }

  /**
   * Where a pod with GPUs of this pool runs and what it asks for. Pure: it makes no resource.
   *
   * @throws ArgsError when no machine of the pool has so many GPUs.
   */
  place(args: PlaceArgs = {}): GpuPlacement {
    const gpus = args.gpus ?? 1;
    const construct = `GpuNodePool "${this.poolName}".place`;
    requireGpus(construct, gpus);
    const { machine } = this;
    if (gpus > machine.gpus) {
      const message = `${gpus} is not allowed; one ${machine.name} has ${machine.gpus} and a pod cannot span machines: ask for at most ${machine.gpus}, or give the pool a larger machine`;
      throw new ArgsError(construct, [{ field: "gpus", given: gpus, message }]);
    }
    return {
      gpus,
      resource: "nvidia.com/gpu",
      nodeSelector: this.nodeSelector,
      tolerations: [GPU_TOLERATION],
      node: {
        machine: machine.name,
        gpus: machine.gpus,
        gpuMemoryMiB: machine.gpuMemoryMiB,
        cpu: machine.cpu,
        memory: machine.memory,
        disk: `${this.diskSize}Gi`,
        architecture: machine.architecture,
      },
      ...(this.maxNodes !== undefined && { maxPods: this.maxNodes * Math.floor(machine.gpus / gpus) }),
      dependsOn: [this],
    };
  }

  /** Whether a value is a GpuNodePool, also one of another copy of this package. */
  static override isInstance(value: unknown): value is GpuNodePool {
    return isBranded(value, BRAND);
  }
}
