/** A Compute Engine machine type with NVIDIA GPUs. */
export interface GcpGpuMachine {
  readonly name: string;
  readonly vcpu: number;
  /** Memory of the machine in GB. */
  readonly memoryGB: number;
  /** Whole GPUs in one machine. */
  readonly gpus: number;
  /** The accelerator's name in Google's interfaces, e.g. `nvidia-l4`. */
  readonly accelerator: string;
  /** Memory of one GPU in GB. */
  readonly gpuMemoryGB: number;
  /** Local SSD disks that come with the machine; absent when none is stated. */
  readonly localSsds?: number;
}

/**
 * Name, vCPUs, GB of memory, GPUs, accelerator, GB of one GPU, local SSD disks.
 *
 * Source: vCPU and memory from Cyclenerd/google-cloud-pricing-cost-calculator tools/machinetypes.csv (2026-07-01);
 * accelerators and counts from GoogleCloudPlatform/cluster-toolkit pkg/config/machine_mappings.json and
 * AI-Hypercomputer/xpk system_characteristics.py (2026-06-25); local SSDs from cluster-toolkit
 * modules/compute/gke-node-pool/disk_definitions.tf.
 */
const ROWS: readonly (readonly [string, number, number, number, string, number, number | undefined])[] = [
  ["a2-highgpu-1g", 12, 85, 1, "nvidia-tesla-a100", 40, undefined],
  ["a2-highgpu-2g", 24, 170, 2, "nvidia-tesla-a100", 40, undefined],
  ["a2-highgpu-4g", 48, 340, 4, "nvidia-tesla-a100", 40, undefined],
  ["a2-highgpu-8g", 96, 680, 8, "nvidia-tesla-a100", 40, undefined],
  ["a2-megagpu-16g", 96, 1360, 16, "nvidia-tesla-a100", 40, undefined],
  ["a2-ultragpu-1g", 12, 170, 1, "nvidia-a100-80gb", 80, 1],
  ["a2-ultragpu-2g", 24, 340, 2, "nvidia-a100-80gb", 80, 2],
  ["a2-ultragpu-4g", 48, 680, 4, "nvidia-a100-80gb", 80, 4],
  ["a2-ultragpu-8g", 96, 1360, 8, "nvidia-a100-80gb", 80, 8],
  ["a3-highgpu-1g", 26, 234, 1, "nvidia-h100-80gb", 80, 2],
  ["a3-highgpu-2g", 52, 468, 2, "nvidia-h100-80gb", 80, 4],
  ["a3-highgpu-4g", 104, 936, 4, "nvidia-h100-80gb", 80, 8],
  ["a3-highgpu-8g", 208, 1872, 8, "nvidia-h100-80gb", 80, 16],
  ["a3-edgegpu-8g", 208, 1872, 8, "nvidia-h100-80gb", 80, undefined],
  ["a3-megagpu-8g", 208, 1872, 8, "nvidia-h100-mega-80gb", 80, 16],
  ["a3-ultragpu-8g", 224, 2952, 8, "nvidia-h200-141gb", 141, 32],
  ["a4-highgpu-8g", 224, 3968, 8, "nvidia-b200", 180, 32],
  ["a4x-highgpu-4g", 140, 884, 4, "nvidia-gb200", 186, undefined],
  ["g2-standard-4", 4, 16, 1, "nvidia-l4", 24, undefined],
  ["g2-standard-8", 8, 32, 1, "nvidia-l4", 24, undefined],
  ["g2-standard-12", 12, 48, 1, "nvidia-l4", 24, undefined],
  ["g2-standard-16", 16, 64, 1, "nvidia-l4", 24, undefined],
  ["g2-standard-32", 32, 128, 1, "nvidia-l4", 24, undefined],
  ["g2-standard-24", 24, 96, 2, "nvidia-l4", 24, undefined],
  ["g2-standard-48", 48, 192, 4, "nvidia-l4", 24, undefined],
  ["g2-standard-96", 96, 384, 8, "nvidia-l4", 24, undefined],
  ["g4-standard-48", 48, 180, 1, "nvidia-rtx-pro-6000", 96, undefined],
  ["g4-standard-96", 96, 360, 2, "nvidia-rtx-pro-6000", 96, undefined],
  ["g4-standard-192", 192, 720, 4, "nvidia-rtx-pro-6000", 96, undefined],
  ["g4-standard-384", 384, 1440, 8, "nvidia-rtx-pro-6000", 96, undefined],
  ["g4-standard-6", 6, 22, 0, "nvidia-rtx-pro-6000", 96, undefined],
  ["g4-standard-12", 12, 45, 0, "nvidia-rtx-pro-6000", 96, undefined],
  ["g4-standard-24", 24, 90, 0, "nvidia-rtx-pro-6000", 96, undefined],
];

/** The table above, by name. */
export const GCP_GPU_MACHINES: ReadonlyMap<string, GcpGpuMachine> = new Map(
  ROWS.map(([name, vcpu, memoryGB, gpus, accelerator, gpuMemoryGB, localSsds]) => [
    name,
    { name, vcpu, memoryGB, gpus, accelerator, gpuMemoryGB, ...(localSsds === undefined ? {} : { localSsds }) },
  ]),
);
