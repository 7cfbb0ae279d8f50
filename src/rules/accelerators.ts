import { z } from "zod";

/** Extended resources by which pods ask for accelerators; a `*` at the end stands for any ending. */
export const ACCELERATORS = [
  "nvidia.com/gpu",
  "nvidia.com/gpu.shared",
  "nvidia.com/mig-*",
  "amd.com/gpu",
  "aws.amazon.com/neuron*",
  "google.com/tpu",
] as const;

/** Keys of the taints that keep other pods off accelerator nodes. */
export const TAINT_KEYS = ["nvidia.com/gpu", "amd.com/gpu", "google.com/tpu", "aws.amazon.com/neuron"] as const;

/** Node labels that only GPU nodes have: a pod that selects one wants a GPU node. */
export const GPU_LABEL_KEYS = [
  "nvidia.com/gpu.product",
  "nvidia.com/gpu.present",
  "nvidia.com/gpu.family",
  "cloud.google.com/gke-accelerator",
  "k8s.amazonaws.com/accelerator",
  "karpenter.k8s.aws/instance-gpu-name",
  "plinth.dev/gpu",
  "plinth.dev/gpu-pool",
] as const;

/** Node labels that say which kind of accelerator a node has, by themselves or by naming the pool or the machine. */
export const CLASS_LABEL_KEYS = [
  ...GPU_LABEL_KEYS,
  "node.kubernetes.io/instance-type",
  "karpenter.k8s.aws/instance-family",
  "karpenter.sh/nodepool",
  "eks.amazonaws.com/nodegroup",
  "eks.amazonaws.com/instance-gpu-name",
  "cloud.google.com/gke-nodepool",
  "cloud.google.com/compute-class",
  "cloud.google.com/gke-tpu-accelerator",
] as const;

/** Namespaces of what the platform itself runs on GPU nodes: drivers, device plugins, metrics. */
export const SYSTEM_NAMESPACES = ["kube-system", "gpu-operator", "nvidia-gpu-operator", "monitoring"] as const;

/** Parameters that several rules share; each has one meaning and one default. */
export const acceleratorsParameter = z
  .array(z.string().min(1))
  .min(1)
  .default([...ACCELERATORS])
  .describe("Names of extended resources that are accelerators; a * at the end stands for any ending.");

export const taintKeysParameter = z
  .array(z.string().min(1))
  .default([...TAINT_KEYS])
  .describe("Keys of the taints of accelerator nodes.");

export const gpuLabelKeysParameter = z
  .array(z.string().min(1))
  .default([...GPU_LABEL_KEYS])
  .describe("Node labels that only accelerator nodes have.");

export const exemptNamespacesParameter = z
  .array(z.string().min(1))
  .default([...SYSTEM_NAMESPACES])
  .describe("Namespaces of the platform's own pods, which are not judged.");

/** Whether the name is one of an accelerator; patterns as in the parameter `accelerators`. */
export function isAccelerator(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

/** The accelerator resource that nodes of this vendor's machines offer. */
type Resource = "nvidia.com/gpu" | "amd.com/gpu" | "aws.amazon.com/neuron" | "google.com/tpu" | "qualcomm.com/qaic";

/**
 * EC2 instance families with accelerators, and what their nodes offer.
 *
 * Source: aws/karpenter-provider-aws@1d927085d (2026-08-21),
 * website/content/en/preview/reference/instance-types.md, generated 2026-07-11; p2, p3, g3, g3s and p6e-gb200 from
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-types.html.
 */
const EC2_FAMILIES: { readonly [resource in Resource]?: readonly string[] } = {
  "nvidia.com/gpu":
    "g3 g3s g4dn g5 g5g g6 g6e g6f g7 g7e gr6 gr6f p2 p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300 p6e-gb200".split(
      " ",
    ),
  "amd.com/gpu": ["g4ad"],
  "aws.amazon.com/neuron": ["inf1", "inf2", "trn1", "trn1n", "trn2", "trn2u"],
  "qualcomm.com/qaic": ["dl2q"],
};

const FAMILY_RESOURCES: ReadonlyMap<string, Resource> = new Map(
  (Object.keys(EC2_FAMILIES) as Resource[]).flatMap((resource) =>
    (EC2_FAMILIES[resource] ?? []).map((family) => [family, resource] as const),
  ),
);

/** What nodes of this EC2 instance type (`g6.xlarge`) or family (`g6`) offer; undefined when it has no accelerator. */
export function ec2Accelerator(type: string): Resource | undefined {
  return FAMILY_RESOURCES.get(type.split(".")[0] ?? "");
}

/**
 * EC2 instance categories (`karpenter.k8s.aws/instance-category`) of which every family has an accelerator.
 * Source: as the families; https://karpenter.sh/docs/reference/instance-types/.
 */
export const ACCELERATOR_CATEGORIES: { readonly [category: string]: Resource } = {
  g: "nvidia.com/gpu",
  gr: "nvidia.com/gpu",
  p: "nvidia.com/gpu",
  inf: "aws.amazon.com/neuron",
  trn: "aws.amazon.com/neuron",
};

/**
 * What nodes of this Compute Engine machine type offer; undefined when it has no accelerator of its own (N1 machines get
 * theirs by `guestAccelerators`).
 *
 * Source: https://cloud.google.com/compute/docs/gpus and https://cloud.google.com/tpu/docs/tpus-in-gke (2026-08);
 * GoogleCloudPlatform/cluster-toolkit pkg/config/machine_mappings.json (2026-06-25).
 */
export function gcpAccelerator(machineType: string): Resource | undefined {
  if (/^(a2|a3|a4|a4x|g2|g4)-/.test(machineType)) return "nvidia.com/gpu";
  return /^(ct\w+|tpu\w+)-/.test(machineType) ? "google.com/tpu" : undefined;
}

/**
 * Accelerators in one machine, by machine type. Fractions of a GPU are left out: their nodes offer no whole one.
 *
 * Source: for EC2 as the families above; for Compute Engine GoogleCloudPlatform/cluster-toolkit
 * pkg/config/machine_mappings.json and AI-Hypercomputer/xpk system_characteristics.py (2026-06-25).
 */
const MACHINES: { readonly [count: number]: string } = {
  0: "g6f.large g6f.xlarge g6f.2xlarge g6f.4xlarge gr6f.4xlarge",
  1: `g4dn.xlarge g4dn.2xlarge g4dn.4xlarge g4dn.8xlarge g4dn.16xlarge g5.xlarge g5.2xlarge g5.4xlarge g5.8xlarge
    g5.16xlarge g5g.xlarge g5g.2xlarge g5g.4xlarge g5g.8xlarge g6.xlarge g6.2xlarge g6.4xlarge g6.8xlarge g6.16xlarge
    g6e.xlarge g6e.2xlarge g6e.4xlarge g6e.8xlarge g6e.16xlarge g7.2xlarge g7.4xlarge g7.8xlarge g7e.2xlarge g7e.4xlarge
    g7e.8xlarge gr6.4xlarge gr6.8xlarge p5.4xlarge g4ad.xlarge g4ad.2xlarge g4ad.4xlarge inf1.xlarge inf1.2xlarge
    inf2.xlarge inf2.8xlarge trn1.2xlarge a2-highgpu-1g a2-ultragpu-1g a3-highgpu-1g g2-standard-4 g2-standard-8
    g2-standard-12 g2-standard-16 g2-standard-32 g4-standard-48`,
  2: `g5g.16xlarge g5g.metal g7.12xlarge g7e.12xlarge g4ad.8xlarge a2-highgpu-2g a2-ultragpu-2g a3-highgpu-2g
    g2-standard-24 g4-standard-96`,
  4: `g4dn.12xlarge g5.12xlarge g5.24xlarge g6.12xlarge g6.24xlarge g6e.12xlarge g6e.24xlarge g7.24xlarge g7e.24xlarge
    g4ad.16xlarge inf1.6xlarge a2-highgpu-4g a2-ultragpu-4g a3-highgpu-4g a4x-highgpu-4g g2-standard-48 g4-standard-192`,
  6: "inf2.24xlarge",
  8: `g4dn.metal g5.48xlarge g6.48xlarge g6e.48xlarge g7.48xlarge g7e.48xlarge p3dn.24xlarge p4d.24xlarge p4de.24xlarge
    p5.48xlarge p5e.48xlarge p5en.48xlarge p6-b200.48xlarge p6-b300.48xlarge a2-highgpu-8g a2-ultragpu-8g a3-highgpu-8g
    a3-edgegpu-8g a3-megagpu-8g a3-ultragpu-8g a4-highgpu-8g g2-standard-96 g4-standard-384`,
  12: "inf2.48xlarge",
  16: "inf1.24xlarge trn1.32xlarge trn1n.32xlarge trn2.48xlarge a2-megagpu-16g",
};

const COUNTS: ReadonlyMap<string, number> = new Map(
  Object.entries(MACHINES).flatMap(([count, machines]) =>
    machines.split(/\s+/).map((machine) => [machine, Number(count)] as const),
  ),
);

/** Accelerators in one machine of this type, EC2 or Compute Engine; undefined when the table does not have it. */
export function acceleratorCount(machineType: string): number | undefined {
  return COUNTS.get(machineType);
}

/**
 * MIG profiles by GPU, as they stand in resource names (`nvidia.com/mig-1g.5gb`): `+` is written as `.`.
 *
 * Source: NVIDIA/mig-parted deployments/systemd/config-default.yaml@bd7160f4 (2026-08-21);
 * resource names: NVIDIA/k8s-device-plugin internal/rm/rm.go.
 */
const MIG_PROFILES = {
  "a30-24gb": "1g.6gb 1g.6gb.me 2g.12gb 2g.12gb.me 4g.24gb",
  "a100-40gb": "1g.5gb 1g.5gb.me 1g.10gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb",
  "a100-80gb": "1g.10gb 1g.10gb.me 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb",
  "h100-80gb": "1g.10gb 1g.10gb.me 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb",
  "h100-nvl-94gb": "1g.12gb 1g.12gb.me 1g.24gb 2g.24gb 3g.47gb 4g.47gb 7g.94gb",
  "h200-141gb": "1g.18gb 1g.18gb.me 1g.35gb 2g.35gb 3g.71gb 4g.71gb 7g.141gb",
  "gh200-96gb": "1g.12gb 1g.12gb.me 1g.24gb 2g.24gb 3g.48gb 4g.48gb 7g.96gb",
  "gh200-144gb": "1g.18gb 1g.18gb.me 1g.36gb 2g.36gb 3g.72gb 4g.72gb 7g.144gb",
  "b200-180gb": "1g.23gb 1g.23gb.me 1g.45gb 2g.45gb 3g.90gb 4g.90gb 7g.180gb",
  "gb200-186gb": "1g.23gb 1g.23gb.me 1g.47gb 2g.47gb 3g.93gb 4g.93gb 7g.186gb",
  "b300-269gb": "1g.34gb 1g.34gb.me 1g.67gb 2g.67gb 3g.135gb 4g.135gb 7g.269gb",
  "gb300-278gb": "1g.35gb 1g.35gb.me 1g.70gb 2g.70gb 3g.139gb 4g.139gb 7g.278gb",
  "rtx-pro-6000-96gb":
    "1g.24gb 1g.24gb.me 1g.24gb.gfx 1g.24gb.me.all 1g.24gb-me 2g.48gb 2g.48gb.gfx 2g.48gb.me.all 2g.48gb-me 4g.96gb 4g.96gb.gfx",
} as const;

/**
 * GPUs by the value of the node label `nvidia.com/gpu.product` (what `nvidia-smi` calls the product, with dashes); null:
 * a GPU without MIG. Of two that fit, the first one counts.
 *
 * Source: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html;
 * NVIDIA/k8s-device-plugin docs/gpu-feature-discovery/README.md.
 */
const PRODUCTS: readonly (readonly [RegExp, keyof typeof MIG_PROFILES | null])[] = [
  [/\bA30\b/, "a30-24gb"],
  [/\bA100\b.*80GB/, "a100-80gb"],
  [/\bA100\b/, "a100-40gb"],
  [/\bGH200\b.*144G/, "gh200-144gb"],
  [/\bGH200\b/, "gh200-96gb"],
  [/\bH100\b.*NVL/, "h100-nvl-94gb"],
  [/\bH100\b/, "h100-80gb"],
  [/\bH200\b/, "h200-141gb"],
  [/\bGB200\b/, "gb200-186gb"],
  [/\bGB300\b/, "gb300-278gb"],
  [/\bB200\b/, "b200-180gb"],
  [/\bB300\b/, "b300-269gb"],
  [/RTX-PRO-6000/, "rtx-pro-6000-96gb"],
  [/\b(T4|T4G|V100|P100|P4|K80|A2|A10|A10G|A16|A40|L4|L40|L40S)\b/, null],
];

/** Every MIG profile of any GPU, as in resource names. */
export const migProfiles: ReadonlySet<string> = new Set(
  Object.values(MIG_PROFILES).flatMap((profiles) => profiles.split(" ")),
);

/** The MIG profiles of a GPU by its product label, none when it has no MIG; undefined for a product that nobody knows. */
export function migProfilesOf(product: string): readonly string[] | undefined {
  const found = PRODUCTS.find(([pattern]) => pattern.test(product));
  return found && (found[1] === null ? [] : MIG_PROFILES[found[1]].split(" "));
}
