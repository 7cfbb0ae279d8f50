import { z } from "zod";
import type { ResourceNode, Value } from "../graph/model.js";
import { joinPath } from "../graph/values.js";
import { allOf, anyOf, has } from "./cel.js";
import { changed, cpuPod, gpuJob } from "./examples.js";
import { told } from "./outcomes.js";
import { keysOf } from "./paths.js";
import { acceleratorPools } from "./pools.js";
import { defineGraphRule, defineObjectRule, type GraphOutcome, type Rule } from "./rule.js";
import { either, given, not, read, some, type Truth } from "./truth.js";
import { asWritten, type GraphView } from "./view.js";

/** CST001. */
export const poolBounded = defineGraphRule({
  id: "CST001",
  name: "pool-bounded",
  pack: "cost",
  severity: "high",
  statement: "A pool of nodes has a largest size.",
  why: "An autoscaler follows whatever asks: a loop that creates jobs, or one with a digit too many, rents machines until the cloud's own quota stops it.",
  source: "https://karpenter.sh/docs/concepts/nodepools/#speclimits",
  semantics:
    "scalingConfig.maxSize of an EKS node group, and maxNodeCount or totalMaxNodeCount of a GKE node pool with autoscaling, are set and at most maxNodes. A Karpenter NodePool that chooses machines with accelerators has spec.limits for its accelerator or for nodes, or a fixed number of replicas.",
  parameters: z.strictObject({
    maxNodes: z.int().min(1).default(100).describe("The most nodes that a pool of a fixed kind may have."),
  }),
  check: (view, { maxNodes }) => [
    ...view
      .ofType(/^aws:eks\/nodeGroup:NodeGroup$/)
      .flatMap((node) => bounded(node, ["scalingConfig", "maxSize"], maxNodes)),
    ...view.ofType(/^gcp:container\/nodePool:NodePool$/).flatMap((node) => {
      const { autoscaling } = node.inputs;
      if (autoscaling === undefined || autoscaling === null) return [];
      const total = read(autoscaling, ["totalMaxNodeCount"]) !== undefined;
      return bounded(node, ["autoscaling", total ? "totalMaxNodeCount" : "maxNodeCount"], maxNodes);
    }),
    ...limitless(view),
  ],
  bad: nodePool(""),
  good: nodePool("  limits: { nvidia.com/gpu: 8 }\n"),
});

function bounded(node: ResourceNode, keys: readonly string[], most: number): readonly GraphOutcome[] {
  const value = read(node.inputs, keys);
  const holds = given(value, (known) => typeof known === "number" && known <= most);
  const path = keys.join(".");
  return told(
    node,
    path,
    holds,
    `${path} is ${typeof value === "number" ? value : "not set"}; at most ${most} nodes are allowed`,
  );
}

function limitless(view: GraphView): readonly GraphOutcome[] {
  const pools = acceleratorPools(view).filter(({ node }) => node.type.includes("karpenter.sh"));
  return pools.flatMap(({ node, name, accelerates, resource = "nvidia.com/gpu" }) => {
    const isSet = (...keys: readonly string[]): Truth =>
      given(read(node.inputs, ["spec", ...keys]), (value) => value !== undefined && value !== null);
    const holds = either(not(accelerates), isSet("limits", resource), isSet("limits", "nodes"), isSet("replicas"));
    return told(
      node,
      joinPath("spec.limits", resource),
      holds,
      `NodePool ${name} has no limit for ${resource}: it grows as long as pods ask`,
    );
  });
}

function nodePool(limits: string): string {
  return `apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: gpus }
spec:
${limits}  template:
    spec:
      nodeClassRef: { group: karpenter.k8s.aws, kind: EC2NodeClass, name: gpus }
      requirements:
        - { key: karpenter.k8s.aws/instance-family, operator: In, values: [g6] }
      taints:
        - { key: nvidia.com/gpu, value: present, effect: NoSchedule }
`;
}

/** CST002. */
export const budgetAlert = defineGraphRule({
  id: "CST002",
  name: "budget-alert",
  pack: "cost",
  severity: "medium",
  statement: "A program with GPU nodes has a budget that tells somebody.",
  why: "GPU nodes that nobody uses cost as much as those that work, and the bill comes at the end of the month.",
  source: "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
  semantics:
    "Off unless required is set, as budgets are often kept elsewhere; in production only. A program that declares accelerator pools declares an AWS budget with notifications, a Cost Explorer anomaly subscription, or a GCP budget. One finding, at the first pool as a whole.",
  parameters: z.strictObject({
    required: z.boolean().default(false).describe("Whether the program itself must declare the budget."),
  }),
  check: (view, { required }, { environment }) => {
    const [pool] = [...acceleratorPools(view)].sort(asWritten);
    if (!required || environment !== "production" || !pool) return [];
    const watched = either(
      some(view.ofType(/^aws:budgets\/budget:Budget$/), ({ inputs }) => isNotEmpty(inputs.notifications)),
      view.ofType(/^(aws:costexplorer\/anomalySubscription:AnomalySubscription|gcp:billing\/budget:Budget)$/).length >
        0,
    );
    const holds = either(not(pool.accelerates), watched);
    return told(
      pool.node,
      "",
      holds,
      `pool ${pool.name} has nodes with accelerators, and no budget of this program notifies anybody`,
    );
  },
  bad: nodePool("  limits: { nvidia.com/gpu: 8 }\n"),
  good: `${nodePool("  limits: { nvidia.com/gpu: 8 }\n")}---
apiVersion: plinth.dev/test
kind: aws:budgets/budget:Budget
metadata: { name: gpus }
spec:
  budgetType: COST
  timeUnit: MONTHLY
  limitAmount: "20000"
  limitUnit: USD
  notifications:
    - { comparisonOperator: GREATER_THAN, notificationType: FORECASTED, threshold: 80, thresholdType: PERCENTAGE }
`,
});

function isNotEmpty(list: Value | undefined): Truth {
  return given(list, (known) => Array.isArray(known) && known.length > 0);
}

/** A label of the object, "" where it has none. */
function labelOf(key: string): string {
  const labels = "object.metadata.labels";
  return `(${has("object", "metadata.labels")} && ${key} in ${labels} ? ${labels}[${key}] : "")`;
}

/** CST004. */
export const ownershipLabels = defineObjectRule({
  id: "CST004",
  name: "ownership-labels",
  pack: "cost",
  severity: "low",
  statement: "Every object says whose it is.",
  why: "Cost reports group by labels: what has none is nobody's, and is never removed.",
  source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
  semantics:
    "metadata.labels of every Kubernetes object has all keys of the parameter, with a value. One finding for each object, at its labels, which names those that lack. Off as long as keys is empty, which is the default.",
  parameters: z.strictObject({
    keys: z.array(z.string().min(1)).default([]).describe("Labels that every object must have, such as team."),
  }),
  checks: [
    {
      each: "object",
      when: "size(variables.config.keys) > 0",
      expression: `variables.config.keys.all(k, ${labelOf("k")} != "")`,
      path: "metadata.labels",
      message: `"the labels lack " + variables.config.keys.filter(k, ${labelOf("k")} == "").join(", ")`,
    },
  ],
  bad: cpuPod,
  good: changed(cpuPod, "labels: { app: web }", "labels: { app: web, team: risk }"),
});

/** CST005. */
export const jobTtl = defineObjectRule({
  id: "CST005",
  name: "job-ttl",
  pack: "cost",
  severity: "low",
  statement: "A finished job is removed after a time that is set.",
  why: "Finished jobs and their pods stay for ever: they fill the API server, keep volumes, and hide the job that matters among thousands.",
  source: "https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/",
  semantics:
    "ttlSecondsAfterFinished of a Job is set and at most maxSeconds. A CronJob removes finished jobs by itself: it passes when successfulJobsHistoryLimit and failedJobsHistoryLimit are absent or at most 10, or when its job template has such a time.",
  parameters: z.strictObject({
    maxSeconds: z.int().min(0).default(604800).describe("The longest time in seconds; the default is seven days."),
  }),
  checks: [
    {
      each: "object",
      kinds: ["batch/Job"],
      expression: isShortLived("spec.ttlSecondsAfterFinished"),
      path: "spec.ttlSecondsAfterFinished",
      message: saysTtl("spec.ttlSecondsAfterFinished"),
    },
    {
      each: "object",
      kinds: ["batch/CronJob"],
      expression: anyOf(
        allOf(...["successfulJobsHistoryLimit", "failedJobsHistoryLimit"].map(isShortHistory)),
        isShortLived("spec.jobTemplate.spec.ttlSecondsAfterFinished"),
      ),
      path: "spec.jobTemplate.spec.ttlSecondsAfterFinished",
      message: saysTtl("spec.jobTemplate.spec.ttlSecondsAfterFinished"),
    },
  ],
  bad: changed(gpuJob, "  ttlSecondsAfterFinished: 86400\n", ""),
  good: gpuJob,
  fix: (_, { path }) => [{ op: "set", path: keysOf(path), value: 86400 }],
});

function isShortLived(path: string): string {
  return allOf(has("object", path), `object.${path} <= variables.config.maxSeconds`);
}

function isShortHistory(field: string): string {
  return `(!has(object.spec.${field}) || object.spec.${field} <= 10)`;
}

function saysTtl(path: string): string {
  return `"this " + object.kind + (${has("object", path)} ? " keeps finished jobs for " + string(object.${path}) + " seconds" : " keeps finished jobs for ever") + "; at most " + string(variables.config.maxSeconds) + " seconds are allowed"`;
}

/** CST001 to CST005: what may be spent, and who sees it. */
export const costRules: readonly Rule[] = [poolBounded, budgetAlert, ownershipLabels, jobTtl];
