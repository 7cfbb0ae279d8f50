import type { Rule } from "../rule.js";
import { automaticAbort } from "./abort.js";
import { firstStepSmall, gpuRolloutCanFinish, progressiveInProd } from "./rollouts.js";
import { rollbackTargetKept, shadowIsSilent } from "./routes.js";

/** ROL001 to ROL006: how a new version takes over. */
export const rolloutRules: readonly Rule[] = [
  gpuRolloutCanFinish,
  progressiveInProd,
  firstStepSmall,
  automaticAbort,
  shadowIsSilent,
  rollbackTargetKept,
];
