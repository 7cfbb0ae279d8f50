import { z } from "zod";
import type { Value } from "../../graph/model.js";
import { acceleratorsParameter } from "../accelerators.js";
import { anyOf, BATCH_KINDS, isGpuPod as isGpuPodText, metadataValue } from "../cel.js";
import { changed, gpuJob } from "../examples.js";
import { isGpuPod, listOf } from "../gpu-pods.js";
import { canSelectNode } from "../kubernetes/selectors.js";
import { podTolerates, repels } from "../kubernetes/taints.js";
import { told } from "../outcomes.js";
import { keysOf } from "../paths.js";
import { acceleratorPools, type Pool } from "../pools.js";
import { defineGraphRule, defineObjectRule } from "../rule.js";
import { both, either, every, given, is, not, read, some, type Truth } from "../truth.js";
import { isOfKind } from "../view.js";

/**
 * Labels of nodes that can be taken away at any time, with their value.
 *
 * Sources (2026-08): https://karpenter.sh/docs/concepts/scheduling/#well-known-labels;
 * https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html#managed-node-group-capacity-types;
 * https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms, …/how-to/preemptible-vms.
 */
const SPOT_LABELS: { readonly [key: string]: string } = {
  "karpenter.sh/capacity-type": "spot",
  "eks.amazonaws.com/capacityType": "SPOT",
  "cloud.google.com/gke-spot": "true",
  "cloud.google.com/gke-preemptible": "true",
};
const SPOT_TAINT = "cloud.google.com/gke-spot";

/** Whether the pod itself says that it may run on spot nodes. */
function choosesSpot(podSpec: Value): Truth {
  return either(
    some(Object.entries(SPOT_LABELS), ([key, value]) => is(read(podSpec, ["nodeSelector", key]), value)),
    some(affinityTerms(podSpec), (term) =>
      some(read(term, ["matchExpressions"]), (expression) => namesSpot(expression)),
    ),
    some(read(podSpec, ["tolerations"]), (toleration) => is(read(toleration, ["key"]), SPOT_TAINT)),
  );
}

function affinityTerms(podSpec: Value): Value {
  const keys = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
  return read(podSpec, keys) ?? [];
}

function namesSpot(expression: Value): Truth {
  return both(
    is(read(expression, ["operator"]), "In"),
    some(Object.entries(SPOT_LABELS), ([key, value]) =>
      both(
        is(read(expression, ["key"]), key),
        some(read(expression, ["values"]), (each) => is(each, value)),
      ),
    ),
  );
}

/**
 * Whether a pod can land on spot nodes of a pool, as far as labels and taints decide. A label that can be anything says
 * nothing: clouds give on-demand nodes then.
 */
function canLandOnSpot(podSpec: Value, pool: Pool): Truth {
  return some(Object.entries(SPOT_LABELS), ([spotKey, spot]) => {
    const possible = pool.labels(spotKey);
    if (possible === "anything") return false;
    return both(
      some(possible, (each) => is(each, spot)),
      pool.accelerates,
      canSelectNode(podSpec, (key) => (key === spotKey ? [spot] : pool.labels(key))),
      every(pool.taints, (taint) => either(not(repels(taint)), podTolerates(podSpec, taint))),
    );
  });
}

const CHECKPOINT = "plinth.dev/checkpoint";
const saysCheckpoint = (value: Value | undefined): Truth =>
  given(value, (text) => typeof text === "string" && /checkpoint/i.test(text));

/** An annotation, or an environment variable or argument with the word in it. */
function hasCheckpoint(metadata: Value | undefined, podSpec: Value): Truth {
  const containers = [...listOf(read(podSpec, ["containers"])), ...listOf(read(podSpec, ["initContainers"]))];
  return either(
    given(read(metadata, ["annotations", CHECKPOINT]), (value) => typeof value === "string" && value !== ""),
    some(containers, (container) =>
      either(
        some(read(container, ["env"]), (entry) => saysCheckpoint(read(entry, ["name"]))),
        some(read(container, ["args"]), saysCheckpoint),
        some(read(container, ["command"]), saysCheckpoint),
      ),
    ),
  );
}

/** Where a kind says how often a failed run is tried again, with what it is when absent. */
const RETRIES: { readonly [kind: string]: readonly string[] } = {
  "batch/Job": ["spec", "backoffLimit"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "backoffLimit"],
};

/** REL007: what is taken away can go on. */
export const spotNeedsCheckpoint = defineGraphRule({
  id: "REL007",
  name: "spot-needs-checkpoint",
  pack: "reliability",
  severity: "high",
  statement: "GPU jobs on spot nodes write checkpoints and are started again.",
  why: "A spot node is gone two minutes after it says so: without a checkpoint a run of days begins anew each time, and may never end.",
  source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html",
  semantics:
    "Judged are pods of batch kinds with a container that asks for an accelerator, which say themselves that they may run on spot nodes (nodeSelector or required node affinity with a label for spot of Karpenter, EKS or GKE, or a toleration of cloud.google.com/gke-spot), or can land on an accelerator pool of the same program that has spot nodes, as far as labels and taints decide. Such a pod has the annotation plinth.dev/checkpoint, or an environment variable or argument with `checkpoint` in it, in any of its containers; and the Job or CronJob has a backoffLimit above 0 (absent: 6). Whether checkpoints are really written and read is not seen.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  bad: changed(gpuJob, "        plinth.dev/checkpoint: s3://checkpoints/fraud\n", ""),
  good: gpuJob,
  check: (view, { accelerators }) => {
    const pools = acceleratorPools(view);
    return view
      .workloads()
      .filter((workload) => isOfKind(workload, BATCH_KINDS))
      .flatMap(({ node, kind, group, object, pods }) => {
        const onSpot = (podSpec: Value) =>
          both(
            isGpuPod(podSpec, accelerators),
            either(
              choosesSpot(podSpec),
              some(pools, (pool) => canLandOnSpot(podSpec, pool)),
            ),
          );
        const retries = RETRIES[`${group}/${kind}`];
        return [
          ...pods.flatMap(({ spec, metadata, annotationsPath }) =>
            told(
              node,
              `${annotationsPath}["${CHECKPOINT}"]`,
              either(not(onSpot(spec)), hasCheckpoint(metadata, spec)),
              `the pod can run on spot nodes and names no checkpoint; allowed is the annotation ${CHECKPOINT}, or a variable or argument that says where checkpoints are`,
            ),
          ),
          ...(retries === undefined
            ? []
            : told(
                node,
                retries.join("."),
                either(
                  not(some(pods, ({ spec }) => onSpot(spec))),
                  given(read(object, retries), (limit = 6) => typeof limit !== "number" || limit > 0),
                ),
                "backoffLimit is 0: a job whose spot node is taken away is not started again; allowed is 1 or more",
              )),
        ];
      });
  },
});

const KEEP = "karpenter.sh/do-not-disrupt";
const KEEP_AUTOSCALER = "cluster-autoscaler.kubernetes.io/safe-to-evict";

/** REL008: tidying nodes up does not end a run. */
export const notConsolidated = defineObjectRule({
  id: "REL008",
  name: "not-consolidated",
  pack: "reliability",
  severity: "medium",
  statement: "GPU jobs tell the autoscaler to leave their node alone.",
  why: "Autoscalers move pods to fill nodes better; a training run that is moved starts again, and this ends more runs than spot does.",
  source: "https://karpenter.sh/docs/concepts/disruption/#pod-level-controls",
  semantics:
    'In batch kinds a pod with a container that asks for an accelerator has the annotation karpenter.sh/do-not-disrupt: "true" or cluster-autoscaler.kubernetes.io/safe-to-evict: "false". Which autoscaler the cluster has is not looked at.',
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  bad: changed(gpuJob, '        karpenter.sh/do-not-disrupt: "true"\n', ""),
  good: gpuJob,
  fix: (_, { path }) => [{ op: "set", path: keysOf(path), value: "true" }],
  checks: [
    {
      each: "pod",
      kinds: BATCH_KINDS,
      when: isGpuPodText("pod"),
      expression: anyOf(
        `${metadataValue("pod", "annotations", KEEP)} == "true"`,
        `${metadataValue("pod", "annotations", KEEP_AUTOSCALER)} == "false"`,
      ),
      path: `metadata.annotations["${KEEP}"]`,
      message: `"the pod can be moved while it runs; allowed is the annotation ${KEEP}: \\"true\\" or ${KEEP_AUTOSCALER}: \\"false\\""`,
    },
  ],
});
