import type { ResourceNode, Value } from "../graph/model.js";
import { isPlainObject } from "../graph/values.js";
import { ACCELERATOR_CATEGORIES, acceleratorCount, ec2Accelerator, gcpAccelerator } from "./accelerators.js";
import { listOf } from "./gpu-pods.js";
import { type Amount, amount } from "./kubernetes/resources.js";
import type { Possible } from "./kubernetes/selectors.js";
import { both, given, is, isUndecided, not, read, some, type Truth, undecidedBy } from "./truth.js";
import type { GraphView } from "./view.js";

/** Nodes with accelerators that the graph declares: an EKS node group, a GKE node pool, a Karpenter NodePool. */
export interface Pool {
  readonly node: ResourceNode;
  readonly name: string;
  /** Whether its nodes have accelerators: true, or not known before deployment. */
  readonly accelerates: Truth;
  /** What its nodes offer, such as `nvidia.com/gpu`; absent when only deployment tells. */
  readonly resource?: string;
  /** A list of `{ key, value, effect }` in Kubernetes' own words, or an unknown. */
  readonly taints: Value;
  /** Whether the cluster's admission gives pods the tolerations of the accelerators that they ask for. */
  readonly toleratedByAdmission?: true;
  /** Where in the resource its taints are. */
  readonly taintsPath: string;
  /** What a label of its nodes can be. */
  readonly labels: (key: string) => Possible;
  /** The most accelerators it can ever have; absent when nothing bounds it or its machines are not in the tables. */
  readonly capacity?: Amount;
}

/** The pools whose nodes have accelerators, or may have. */
export function acceleratorPools(view: GraphView): readonly Pool[] {
  const pools = [
    ...view.ofType(/^aws:eks\/nodeGroup:NodeGroup$/).map(eksPool),
    ...view.ofType(/^gcp:container\/nodePool:NodePool$/).map(gkePool),
    ...view.objects("karpenter.sh/NodePool").map(({ node }) => karpenterPool(node)),
  ];
  return pools.filter((pool) => pool.accelerates !== false);
}

/** Effects as the APIs of EKS and GKE write them. */
const EFFECTS: { readonly [effect: string]: string } = {
  NO_SCHEDULE: "NoSchedule",
  NO_EXECUTE: "NoExecute",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
};

function eksPool(node: ResourceNode): Pool {
  const { inputs } = node;
  const types = inputs.instanceTypes;
  const labels = inputs.labels;
  const machine = someResource(types, ec2Accelerator);
  // Without instance types the launch template has them; the image then says what for.
  const image = given(inputs.amiType, (type) => /NVIDIA|GPU|NEURON/.test(String(type)));
  const accelerates = image === true ? true : types === undefined ? image : machine.truth;
  const resource = machine.resource ?? (image === true ? imageResource(inputs.amiType) : undefined);
  return {
    node,
    name: node.name,
    accelerates,
    ...(resource !== undefined && { resource }),
    taints: kubernetesTaints(inputs.taints),
    taintsPath: "taints",
    labels: possibleLabels(labels, /^(karpenter\.(sh|k8s\.aws)|cloud\.google\.com)\//, {
      "eks.amazonaws.com/capacityType": [inputs.capacityType ?? "ON_DEMAND"],
      "eks.amazonaws.com/nodegroup": inputs.nodeGroupName === undefined ? "anything" : [inputs.nodeGroupName],
      "node.kubernetes.io/instance-type": types === undefined ? "anything" : possibleOf(types),
    }),
    ...capacityOf(read(inputs, ["scalingConfig", "maxSize"]), sharesGpus(labels) ? undefined : mostIn(types)),
  };
}

function gkePool(node: ResourceNode): Pool {
  const config = node.inputs.nodeConfig;
  const guests = read(config, ["guestAccelerators"]);
  const machine = someResource(listed(read(config, ["machineType"])), gcpAccelerator);
  const attached = given(guests, (list) => Array.isArray(list) && list.length > 0);
  const resource = attached === true ? "nvidia.com/gpu" : machine.resource;
  const taints = kubernetesTaints(read(config, ["taints"]));
  const autoscaling = node.inputs.autoscaling;
  const zones = listOf(node.inputs.nodeLocations).length;
  const perZone = read(autoscaling, ["maxNodeCount"]) ?? node.inputs.nodeCount;
  const maxNodes =
    read(autoscaling, ["totalMaxNodeCount"]) ??
    (zones > 0 && typeof perZone === "number" ? perZone * zones : undefinedUnlessOpen(perZone));
  return {
    node,
    name: node.name,
    accelerates: attached === true ? true : isUndecided(attached) && machine.truth === false ? attached : machine.truth,
    ...(resource !== undefined && { resource }),
    taints: resource === undefined ? taints : withGkeTaint(taints, resource),
    toleratedByAdmission: true,
    taintsPath: "nodeConfig.taints",
    labels: possibleLabels(
      read(config, ["labels"]),
      /^(karpenter\.(sh|k8s\.aws)|eks\.amazonaws\.com|k8s\.amazonaws\.com)\//,
      {
        "cloud.google.com/gke-nodepool": node.inputs.name === undefined ? "anything" : [node.inputs.name],
        "cloud.google.com/gke-accelerator": possibleOf(guests, ["type"]),
        "cloud.google.com/gke-spot": [spotLabel(read(config, ["spot"]))],
        "node.kubernetes.io/instance-type": [read(config, ["machineType"])],
      },
    ),
    ...capacityOf(maxNodes, guestCount(guests) ?? mostIn(listed(read(config, ["machineType"])))),
  };
}

function karpenterPool(node: ResourceNode): Pool {
  const name = read(node.inputs, ["metadata", "name"]);
  const template = read(node.inputs, ["spec", "template"]);
  const requirements = read(template, ["spec", "requirements"]);
  const { truth, resource } = karpenterResource(requirements);
  const limit = resource === undefined ? undefined : read(node.inputs, ["spec", "limits", resource]);
  const absent = /^(cloud\.google\.com\/|eks\.amazonaws\.com\/nodegroup$)/;
  return {
    node,
    name: typeof name === "string" ? name : node.name,
    accelerates: truth,
    ...(resource !== undefined && { resource }),
    taints: read(template, ["spec", "taints"]) ?? [],
    taintsPath: "spec.template.spec.taints",
    labels: possibleLabels(read(template, ["metadata", "labels"]), absent, {
      ...(name !== undefined && { "karpenter.sh/nodepool": [name] }),
      ...requiredLabels(requirements),
    }),
    ...(limit !== undefined && { capacity: amount(limit) }),
  };
}

/**
 * What GKE adds by itself to nodes with GPUs, attached or built into the machine, and with TPUs.
 *
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/gpus#create and
 * https://cloud.google.com/kubernetes-engine/docs/how-to/tpus; for machines without `guestAccelerators`
 * https://github.com/GoogleCloudPlatform/cluster-toolkit/pull/1285. Not when all pools of the cluster have GPUs.
 */
function withGkeTaint(taints: Value, key: string): Value {
  const own: Value = { key, value: "present", effect: "NoSchedule" };
  if (!Array.isArray(taints)) return taints;
  return some(taints, (taint) => is(read(taint, ["key"]), key)) === true ? taints : [...taints, own];
}

function kubernetesTaints(taints: Value | undefined): Value {
  if (!Array.isArray(taints)) return taints ?? [];
  return (taints as readonly Value[]).map((taint): Value => {
    if (!isPlainObject(taint)) return taint;
    const { effect } = taint;
    return typeof effect === "string" ? { ...taint, effect: EFFECTS[effect] ?? effect } : taint;
  });
}

/** What the requirements of a Karpenter NodePool say of accelerators: one of its machines has some. */
function karpenterResource(requirements: Value | undefined): { truth: Truth; resource?: string } {
  let resource: string | undefined;
  const truth = some(requirements, (requirement) =>
    given(read(requirement, ["key"]), (key) => {
      const values = read(requirement, ["values"]);
      const chosen = not(someOf(["NotIn", "DoesNotExist", "Lt", "Lte"], read(requirement, ["operator"])));
      const found = (name: string | undefined): boolean => {
        resource ??= name;
        return name !== undefined;
      };
      if (typeof key !== "string") return false;
      if (/\/(instance|sku)-gpu-/.test(key)) return both(chosen, found("nvidia.com/gpu"));
      if (/\/instance-accelerator-/.test(key)) return both(chosen, found("aws.amazon.com/neuron"));
      const named = /\/instance-category$/.test(key)
        ? (text: string) => ACCELERATOR_CATEGORIES[text]
        : /(\/instance-family|^node\.kubernetes\.io\/instance-type)$/.test(key)
          ? ec2Accelerator
          : undefined;
      if (named === undefined) return false;
      return both(
        is(read(requirement, ["operator"]), "In"),
        some(values, (value) => given(value, (text) => found(named(String(text))))),
      );
    }),
  );
  return { truth, ...(resource !== undefined && { resource }) };
}

/** Labels that requirements with `In` fix to some values. */
function requiredLabels(requirements: Value | undefined): { readonly [key: string]: Possible } {
  return Object.fromEntries(
    listOf(requirements).flatMap((requirement) => {
      const key = read(requirement, ["key"]);
      if (typeof key !== "string") return [];
      const isIn = read(requirement, ["operator"]) === "In";
      return [[key, isIn ? possibleOf(read(requirement, ["values"])) : "anything"] as const];
    }),
  );
}

/** Domains of labels that the cloud, the node or its drivers set, so that a pool need not declare them. */
const SYSTEM_LABELS =
  /^([\w.-]+\.)?(kubernetes\.io|k8s\.io|nvidia\.com|amd\.com|k8s\.amazonaws\.com|eks\.amazonaws\.com|amazonaws\.com|karpenter\.sh|karpenter\.k8s\.aws|google\.com)\//;

/**
 * What a label can be on nodes of a pool: what the cloud is known to set, what the pool declares; anything for other
 * labels that systems set, and absent for everybody else's.
 */
function possibleLabels(
  declared: Value | undefined,
  absent: RegExp,
  known: { readonly [key: string]: Possible },
): (key: string) => Possible {
  return (key) => {
    const own = read(declared, [key]);
    if (own !== undefined) return [own];
    if (Object.hasOwn(known, key)) return known[key] ?? "anything";
    if (absent.test(key)) return [undefined];
    return SYSTEM_LABELS.test(key) ? "anything" : [undefined];
  };
}

/** The values of a list as what a label can be; of an unknown list the unknown. */
function possibleOf(list: Value | undefined, keys: readonly string[] = []): Possible {
  const open = undecidedBy(list);
  if (open) return [list];
  const values = listOf(list).map((item) => read(item, keys));
  return values.length === 0 ? [undefined] : values;
}

/** Whether one of these machine types has accelerators, and which. */
function someResource(
  types: Value | undefined,
  resourceOf: (type: string) => string | undefined,
): { truth: Truth; resource?: string } {
  const resource = listOf(types)
    .flatMap((type) => (typeof type === "string" ? [resourceOf(type)] : []))
    .find((each) => each);
  const truth = some(types, (type) => given(type, (text) => resourceOf(String(text)) !== undefined));
  return { truth, ...(resource !== undefined && { resource }) };
}

function imageResource(amiType: Value | undefined): string {
  return String(amiType).includes("NEURON") ? "aws.amazon.com/neuron" : "nvidia.com/gpu";
}

function someOf(texts: readonly string[], value: Value | undefined): Truth {
  return given(value, (known) => texts.some((text) => text === known));
}

/** The most accelerators that one machine of these types has; undefined when a type is not known or not in the tables. */
function mostIn(types: Value | undefined): number | undefined {
  const counts = listOf(types).map((type) => (typeof type === "string" ? acceleratorCount(type) : undefined));
  return counts.length > 0 && counts.every((count) => count !== undefined) ? Math.max(...counts) : undefined;
}

/** GPUs of one GKE node as pods see them: shared ones count as often as they are shared, partitions are not counted. */
function guestCount(guests: Value | undefined): number | undefined {
  const [guest] = listOf(guests);
  const count = read(guest, ["count"]);
  const shares = read(guest, ["gpuSharingConfig", "maxSharedClientsPerGpu"]) ?? 1;
  if (typeof count !== "number" || typeof shares !== "number" || read(guest, ["gpuPartitionSize"])) return undefined;
  return count * shares;
}

/** Labels by which NVIDIA's operator and device plugin cut or share the GPUs of a node. */
function sharesGpus(labels: Value | undefined): boolean {
  return ["nvidia.com/device-plugin.config", "nvidia.com/mig.config"].some((key) => read(labels, [key]) !== undefined);
}

function capacityOf(nodes: Value | undefined, perNode: number | undefined): { readonly capacity?: Amount } {
  if (nodes === undefined || perNode === undefined) return {};
  const most = amount(nodes);
  return { capacity: typeof most === "number" ? most * perNode : most };
}

function undefinedUnlessOpen(value: Value | undefined): Value | undefined {
  return undecidedBy(value) ? value : undefined;
}

function listed(value: Value | undefined): Value | undefined {
  return value === undefined || undecidedBy(value) ? value : [value];
}

function spotLabel(spot: Value | undefined): Value | undefined {
  if (undecidedBy(spot)) return spot;
  return spot === true ? "true" : undefined;
}
