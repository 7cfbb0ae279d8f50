import { join } from "node:path";
import { type Tools, toolPath } from "../cluster/components.js";
import { type Started, start } from "../processes/processes.js";
import type { SharedCluster } from "../setup.js";

/** What the controller watches when it is kept to one namespace. */
export const ROLLOUTS_CRDS = [
  "analysisruns.argoproj.io",
  "analysistemplates.argoproj.io",
  "experiments.argoproj.io",
  "rollouts.argoproj.io",
];

/** Starts the real Argo Rollouts controller for one namespace, where the definitions above must be installed. */
export function startRollouts(tools: Tools, cluster: SharedCluster, namespace: string): Started {
  const args = [
    `--kubeconfig=${cluster.kubeconfig}`,
    "--namespaced",
    `--namespace=${namespace}`,
    "--leader-elect=false",
    // Ports that the kernel picks; nobody asks them.
    "--metricsPort=0",
    "--healthzPort=0",
  ];
  const log = join(cluster.folder, `rollouts-controller-${namespace}.log`);
  return start("rollouts-controller", toolPath(tools, "rollouts-controller"), args, { log });
}
