import type * as pulumi from "@pulumi/pulumi";

/** A machine type with NVIDIA GPUs, as its cloud describes it. */
export interface GpuMachine {
  readonly name: string;
  /** The GPU's model, e.g. `l4`. */
  readonly gpu: string;
  /** Whole GPUs in one machine; 0 for machines with a fraction of one. */
  readonly gpus: number;
  /** Memory of one GPU in MiB. */
  readonly gpuMemoryMiB: number;
  /** CPU that pods can use, as a Kubernetes quantity (an estimate: what system daemons take varies). */
  readonly cpu: string;
  /** Memory that pods can use, as a Kubernetes quantity (an estimate). */
  readonly memory: string;
  readonly architecture: "amd64" | "arm64";
}

/** How machines are bought. */
export type Capacity = "on-demand" | "spot";

export const CAPACITIES = ["on-demand", "spot"] as const satisfies readonly Capacity[];

/** A taint in Kubernetes' own words; the platform translates the effect. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What a pool is made of: checked values, in the words all clouds share. */
export interface NodePoolSpec {
  readonly name: string;
  readonly machine: GpuMachine;
  /** One group of machines for each, in order of preference. */
  readonly capacity: readonly Capacity[];
  /** Smallest size; applies to the first capacity, the others shrink to nothing. */
  readonly minNodes: pulumi.Input<number>;
  /** Largest size of each group. */
  readonly maxNodes: pulumi.Input<number>;
  readonly diskSizeGiB: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Subnets of the machines; the platform's when absent. */
  readonly subnets?: pulumi.Input<pulumi.Input<string>[]>;
  /** An existing role of the machines; made when neither the pool nor the platform has one. */
  readonly nodeRole?: pulumi.Input<string>;
}

/** A platform that can make pools of GPU machines. */
export interface NodePools {
  /** Every GPU machine type the platform knows, by name. */
  readonly machines: ReadonlyMap<string, GpuMachine>;
  /**
   * Says what is wrong with a spec that only this platform can know.
   * @returns faults as field and message; empty when the pool can be made.
   */
  faults(spec: NodePoolSpec): readonly { readonly field: string; readonly message: string }[];
  /** Makes the pool as children of `parent`; gives what it made, by name. */
  create(spec: NodePoolSpec, parent: pulumi.ComponentResource): Readonly<Record<string, pulumi.Resource>>;
}
