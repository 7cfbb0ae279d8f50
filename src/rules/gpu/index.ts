import type { Rule } from "../rule.js";
import { gpuLimitsWellformed, noGpuBypass, shmForTraining } from "./containers.js";
import { gangAdmission } from "./gang.js";
import { noStrayOnGpuNodes, targetGpuClass } from "./placement.js";
import { poolIsTainted } from "./pools.js";
import { sharingConsistent } from "./sharing.js";
import { toleratePoolTaint } from "./tolerations.js";

/** GPU001 to GPU009: asking for GPUs, and being placed on them. */
export const gpuRules: readonly Rule[] = [
  toleratePoolTaint,
  noStrayOnGpuNodes,
  targetGpuClass,
  gpuLimitsWellformed,
  poolIsTainted,
  sharingConsistent,
  shmForTraining,
  noGpuBypass,
  gangAdmission,
];
