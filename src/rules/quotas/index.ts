import type { Rule } from "../rule.js";
import { gpuJobDeadline, gpuPodCpuMem, maxGpuPerPod } from "./containers.js";
import { quotaKeyValid } from "./keys.js";
import { namespaceGpuQuota, quotaFitsCapacity } from "./namespaces.js";

/** QTA001 to QTA006: how much of the cluster a namespace, a pod and a job may take. */
export const quotaRules: readonly Rule[] = [
  namespaceGpuQuota,
  quotaKeyValid,
  quotaFitsCapacity,
  maxGpuPerPod,
  gpuPodCpuMem,
  gpuJobDeadline,
];
