import { z } from "zod";
import { joinPath } from "../../graph/values.js";
import { acceleratorsParameter } from "../accelerators.js";
import { allOf, anyOf, has, hasGpuPods, isGpuPod, metadataValue, not, pods, valueOr } from "../cel.js";
import { changed, gpuJob } from "../examples.js";
import { defineObjectRule } from "../rule.js";

/** Whether the roles of a Kubeflow job (a map of `replicas`, each 1 when absent) come to more than one pod. */
function manyReplicas(specs: string): string {
  // A list of one gives the role a name, which has() needs.
  const replicas = (test: string) => `[object.spec.${specs}[r]].exists(s, ${valueOr("s", "replicas", "1")} ${test})`;
  return allOf(
    has("object", `spec.${specs}`),
    `(object.spec.${specs}.exists(r, ${replicas("> 1")}) || size(object.spec.${specs}.filter(r, ${replicas("> 0")})) > 1)`,
  );
}

/** Whether a Ray cluster has workers beside its head. */
function hasWorkers(cluster: string): string {
  return allOf(
    has("object", `${cluster}.workerGroupSpecs`),
    `object.${cluster}.workerGroupSpecs.exists(g, ${valueOr("g", "replicas", "0")} > 0 || ${valueOr("g", "minReplicas", "0")} > 0)`,
  );
}

const replicatedJob = anyOf(
  "size(object.spec.replicatedJobs) > 1",
  `object.spec.replicatedJobs.exists(j, ${valueOr("j", "replicas", "1")} > 1 || ${valueOr("j", "template.spec.parallelism", "1")} > 1)`,
);

/** When an object of a kind runs several pods that need each other. */
const GANGS: { readonly [kind: string]: string } = {
  "batch/Job": `${valueOr("object", "spec.parallelism", "1")} > 1`,
  "batch/CronJob": `${valueOr("object", "spec.jobTemplate.spec.parallelism", "1")} > 1`,
  "kubeflow.org/PyTorchJob": manyReplicas("pytorchReplicaSpecs"),
  "kubeflow.org/TFJob": manyReplicas("tfReplicaSpecs"),
  "kubeflow.org/MPIJob": manyReplicas("mpiReplicaSpecs"),
  "kubeflow.org/JAXJob": manyReplicas("jaxReplicaSpecs"),
  "kubeflow.org/XGBoostJob": manyReplicas("xgbReplicaSpecs"),
  "kubeflow.org/PaddleJob": manyReplicas("paddleReplicaSpecs"),
  TrainJob: `${valueOr("object", "spec.trainer.numNodes", "1")} > 1`,
  RayJob: hasWorkers("spec.rayClusterSpec"),
  RayCluster: hasWorkers("spec"),
  JobSet: allOf(has("object", "spec.replicatedJobs"), replicatedJob),
  LeaderWorkerSet: `${valueOr("object", "spec.leaderWorkerTemplate.size", "1")} > 1`,
};

const QUEUE = "kueue.x-k8s.io/queue-name";

const hasScheduler = (pod: string) =>
  allOf(has(pod, "spec.schedulerName"), `${pod}.spec.schedulerName in variables.config.schedulers`);
const hasGroup = (root: string) =>
  anyOf(
    ...["labels", "annotations"].map((field) =>
      allOf(has(root, `metadata.${field}`), `${root}.metadata.${field}.exists(k, k in variables.config.groupKeys)`),
    ),
  );

/**
 * Whether what `root` is the template of, or is itself, is admitted as a whole. The Jobs of a CronJob have the labels of
 * its jobTemplate: https://kueue.sigs.k8s.io/docs/tasks/run/run_cronjobs/.
 */
const isGang = (root: string) =>
  anyOf(
    `${metadataValue(root, "labels", QUEUE)} != ""`,
    hasGroup(root),
    allOf(hasGpuPods, `${pods}.all(q, ${anyOf(not(isGpuPod("q")), hasScheduler("q"), hasGroup("q"))})`),
  );

/** GPU009. */
export const gangAdmission = defineObjectRule({
  id: "GPU009",
  name: "gang-admission",
  pack: "gpu",
  severity: "medium",
  statement: "GPU pods that only work together are admitted together.",
  why: "Two jobs that each get half of their pods hold GPUs and wait for each other for ever: the scheduler places pods one by one.",
  source: "https://kueue.sigs.k8s.io/docs/overview/",
  semantics:
    "Judged are objects with GPU pods that run more than one pod: a Job or CronJob with parallelism above 1, Kubeflow training jobs with more than one replica in all, a TrainJob with several nodes, a RayJob or RayCluster with workers, a JobSet with several jobs or parallel pods, a LeaderWorkerSet with size above 1. They, or of a CronJob its jobTemplate, from which its Jobs take their labels, carry the label kueue.x-k8s.io/queue-name, a label or annotation of groupKeys there or on every GPU pod, or a schedulerName of schedulers on every GPU pod.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    schedulers: z
      .array(z.string().min(1))
      .default(["volcano", "kai-scheduler", "coscheduling", "scheduler-plugins-scheduler"])
      .describe("Names of schedulers that place the pods of a group together or not at all."),
    groupKeys: z
      .array(z.string().min(1))
      .default([
        "scheduling.k8s.io/group-name",
        "scheduling.x-k8s.io/pod-group",
        "pod-group.scheduling.sigs.k8s.io",
        "pod-group.scheduling.sigs.k8s.io/name",
      ])
      .describe("Labels or annotations that put a pod into a group which is placed together."),
  }),
  checks: Object.entries(GANGS).map(([kind, isMany]) => ({
    each: "object" as const,
    kinds: [kind],
    when: allOf(isMany, hasGpuPods),
    expression: isGang(kind === "batch/CronJob" ? "object.spec.jobTemplate" : "object"),
    path: joinPath(kind === "batch/CronJob" ? "spec.jobTemplate.metadata.labels" : "metadata.labels", QUEUE),
    message:
      '"this " + object.kind + " runs several GPU pods that are admitted one by one; the label kueue.x-k8s.io/queue-name, a pod group or a gang scheduler is needed"',
  })),
  bad: changed(gpuJob, "  backoffLimit: 3\n", "  parallelism: 2\n  backoffLimit: 3\n"),
  good: changed(
    changed(gpuJob, "  backoffLimit: 3\n", "  parallelism: 2\n  backoffLimit: 3\n"),
    "metadata: { name: train, namespace: fraud }",
    "metadata: { name: train, namespace: fraud, labels: { kueue.x-k8s.io/queue-name: training } }",
  ),
});
