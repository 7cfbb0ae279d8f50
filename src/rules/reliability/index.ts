import type { Rule } from "../rule.js";
import { autoscalingSignal } from "./autoscaling.js";
import { pdbSane, prodReplicas } from "./availability.js";
import { notConsolidated, spotNeedsCheckpoint } from "./batch.js";
import { driftMonitored } from "./drift.js";
import { gracefulDrain, probesFitModelLoad } from "./serving.js";

/** What keeps running when nodes, pods and models change. */
export const reliability: readonly Rule[] = [
  prodReplicas,
  pdbSane,
  probesFitModelLoad,
  gracefulDrain,
  autoscalingSignal,
  spotNeedsCheckpoint,
  notConsolidated,
  driftMonitored,
];
