import { awsMachine, gcpMachine, type Machine, migInstances } from "./machines.js";
import type { KubeObject, ObjectMeta } from "./objects.js";

/** A taint as Kubernetes spells it. */
export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A simulated node: the scheduler sees no difference to a real one. */
export interface Node extends KubeObject {
  readonly kind: "Node";
  readonly metadata: ObjectMeta & { readonly labels: Readonly<Record<string, string>> };
  /** The API server leaves `taints` out when there are none. */
  readonly spec: { readonly taints?: readonly NodeTaint[] };
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
  };
}

/** The inputs of an `aws:eks:NodeGroup` that its nodes show. */
export interface EksNodeGroup {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly instanceTypes: readonly string[];
  readonly nodeGroupName?: string;
  readonly capacityType?: string;
}

/** Where nodes say they are, when nothing else is given. */
const EKS_PLACE = { region: "eu-west-1", zone: "eu-west-1a" };
const GKE_PLACE = { region: "europe-west4", zone: "europe-west4-a" };

/** The taint of GPU nodes on every cloud; GKE sets it by itself. */
export const GPU_TAINT: NodeTaint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

/** EKS' names of taint effects. */
const EKS_EFFECTS: Readonly<Record<string, NodeTaint["effect"]>> = {
  NO_SCHEDULE: "NoSchedule",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
  NO_EXECUTE: "NoExecute",
};

/** A node as EKS makes it for a managed node group; with whole GPUs, as NVIDIA's device plugin then reports them. */
export function eksNode({
  name,
  nodeGroup,
  zone = EKS_PLACE.zone,
}: {
  readonly name: string;
  readonly nodeGroup: EksNodeGroup;
  readonly zone?: string;
}): Node {
  const [instanceType] = nodeGroup.instanceTypes;
  if (instanceType === undefined) throw new Error(`the node group of ${name} has no instance type`);
  const machine = awsMachine(instanceType);
  return makeNode({
    name,
    machine,
    place: { region: zone.replace(/[a-z]$/, ""), zone },
    labels: {
      ...nodeGroup.labels,
      "eks.amazonaws.com/capacityType": nodeGroup.capacityType ?? "ON_DEMAND",
      "eks.amazonaws.com/nodegroup": nodeGroup.nodeGroupName ?? name,
    },
    taints: (nodeGroup.taints ?? []).map(({ key, value, effect }) => ({
      key,
      ...(value !== undefined && { value }),
      effect: eksEffect(effect),
    })),
    resources: wholeGpus(machine),
  });
}

function eksEffect(effect: string): NodeTaint["effect"] {
  const found = EKS_EFFECTS[effect];
  if (found === undefined) throw new Error(`EKS knows no taint effect ${effect}`);
  return found;
}

/** A node of an EKS node group for GPUs, labelled and tainted as NVIDIA's and the autoscaler's pages ask for. */
export function eksGpuNode({
  name,
  machine = "g6.xlarge",
  labels = {},
  zone,
}: {
  readonly name: string;
  readonly machine?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly zone?: string;
}): Node {
  return eksNode({
    name,
    ...(zone !== undefined && { zone }),
    nodeGroup: {
      instanceTypes: [machine],
      labels: {
        "nvidia.com/gpu.present": "true",
        "k8s.amazonaws.com/accelerator": `nvidia-${awsMachine(machine).gpu}`,
        ...labels,
      },
      taints: [{ key: GPU_TAINT.key, value: "present", effect: "NO_SCHEDULE" }],
    },
  });
}

/** A node of a GKE pool with GPUs; with a partition size, each GPU is split and the parts count as GPUs. */
export function gkeGpuNode({
  name,
  machine: machineName = "g2-standard-8",
  pool = name,
  labels = {},
  partition,
}: {
  readonly name: string;
  readonly machine?: string;
  readonly pool?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly partition?: string;
}): Node {
  const machine = gcpMachine(machineName);
  const parts = partition === undefined ? 1 : migInstances(machineName, partition);
  return makeNode({
    name,
    machine,
    place: GKE_PLACE,
    labels: {
      "cloud.google.com/gke-accelerator": machine.gpu!,
      "cloud.google.com/gke-gpu-driver-version": "default",
      "cloud.google.com/gke-nodepool": pool,
      ...(partition !== undefined && { "cloud.google.com/gke-gpu-partition-size": partition }),
      ...labels,
    },
    taints: [GPU_TAINT],
    resources: { "nvidia.com/gpu": String(machine.gpus * parts) },
  });
}

/**
 * An EKS node whose GPUs are all split into instances of one profile. NVIDIA's strategy "mixed" counts them under the
 * profile's own name, "single" as GPUs.
 */
export function migNode({
  name,
  machine: machineName = "p4d.24xlarge",
  profile = "1g.5gb",
  strategy = "mixed",
  labels = {},
}: {
  readonly name: string;
  readonly machine?: string;
  readonly profile?: string;
  readonly strategy?: "mixed" | "single";
  readonly labels?: Readonly<Record<string, string>>;
}): Node {
  const machine = awsMachine(machineName);
  const resource = strategy === "mixed" ? `nvidia.com/mig-${profile.replace("+", ".")}` : "nvidia.com/gpu";
  return makeNode({
    name,
    machine,
    place: EKS_PLACE,
    labels: {
      "eks.amazonaws.com/capacityType": "ON_DEMAND",
      "eks.amazonaws.com/nodegroup": name,
      // Not the autoscaler's own label: it would count such a node as broken while it has no whole GPU.
      "nvidia.com/gpu.present": "true",
      "nvidia.com/mig.config": `all-${profile.replace("+", ".")}`,
      "nvidia.com/mig.config.state": "success",
      "nvidia.com/mig.strategy": strategy,
      ...labels,
    },
    taints: [GPU_TAINT],
    resources: { [resource]: String(machine.gpus * migInstances(machineName, profile)) },
  });
}

/** A node without GPUs and taints. */
export function cpuNode({
  name,
  machine = "m6i.8xlarge",
  labels = {},
}: {
  readonly name: string;
  readonly machine?: string;
  readonly labels?: Readonly<Record<string, string>>;
}): Node {
  return eksNode({ name, nodeGroup: { instanceTypes: [machine], labels } });
}

/** Nodes of every kind, for tests that need some and do not care which. */
export function defaultFleet(): Node[] {
  return [
    cpuNode({ name: "cpu-1" }),
    cpuNode({ name: "cpu-2" }),
    eksGpuNode({ name: "eks-l4-1" }),
    eksGpuNode({ name: "eks-l4-2" }),
    gkeGpuNode({ name: "gke-l4-1", pool: "gke-l4" }),
    gkeGpuNode({ name: "gke-l4-2", pool: "gke-l4" }),
    migNode({ name: "mig-1" }),
  ];
}

interface NodeParts {
  readonly name: string;
  readonly machine: Machine;
  readonly place: { readonly region: string; readonly zone: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  /** What device plugins add. */
  readonly resources: Readonly<Record<string, string>>;
}

function makeNode({ name, machine, place, labels, taints, resources }: NodeParts): Node {
  // A disk of 200 GiB less what the kubelet keeps, and the pods of a machine of middle size.
  const amounts = {
    cpu: machine.cpu,
    memory: machine.memory,
    pods: "58",
    "ephemeral-storage": "180Gi",
    ...resources,
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/arch": machine.architecture,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": machine.name,
        "topology.kubernetes.io/region": place.region,
        "topology.kubernetes.io/zone": place.zone,
        ...labels,
      },
    },
    spec: { taints },
    status: { capacity: amounts, allocatable: amounts },
  };
}

function wholeGpus({ gpus }: Machine): Record<string, string> {
  return gpus === 0 ? {} : { "nvidia.com/gpu": String(gpus) };
}
