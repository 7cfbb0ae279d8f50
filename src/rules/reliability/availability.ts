import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { anyOf, inProduction, metadataValue, valueOr } from "../cel.js";
import { describe } from "../cloud.js";
import { cpuPod } from "../examples.js";
import { scaled } from "../kubernetes/rolling-update.js";
import { told } from "../outcomes.js";
import { defineGraphRule, defineObjectRule, type GraphOutcome } from "../rule.js";
import { podSelection } from "../selection.js";
import { either, given, not, read, type Truth } from "../truth.js";
import type { ObjectView, WorkloadView } from "../view.js";

const REASON = "plinth.dev/single-replica-reason";

/** The pod of the examples as the template of a Deployment. */
const template = cpuPod
  .split("\n")
  .slice(3, -1)
  .map((line) => `    ${line}`)
  .join("\n");

const deployment = (replicas: number) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: fraud }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
${template}
`;

const budget = (spec: string) => `---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: fraud }
spec: { selector: { matchLabels: { app: web } }, ${spec} }
`;

/** REL001: production does not hang on one pod. */
export const prodReplicas = defineObjectRule({
  id: "REL001",
  name: "prod-replicas",
  pack: "reliability",
  severity: "medium",
  statement: "What serves in production has at least two replicas, or a reason.",
  why: "With one replica every drained node, every failed health check and every rollout is an outage, and a GPU node takes minutes to come back.",
  source: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
  semantics:
    "Production only. spec.replicas of a Deployment, StatefulSet, Rollout or LeaderWorkerSet is at least `min`; absent means 1. Every such object counts, with a GPU and a port or without: what works off a queue serves too. With 0 it is switched off and passes. The annotation plinth.dev/single-replica-reason with a text lets the object pass. Autoscalers are not looked at: where one owns the number of replicas, write its minimum, or waive the rule.",
  parameters: z.strictObject({
    min: z.int().min(1).default(2).describe("Replicas that a workload of production has at least."),
  }),
  bad: `${deployment(1)}${budget("maxUnavailable: 1")}`,
  good: `${deployment(2)}${budget("maxUnavailable: 1")}`,
  checks: [
    {
      each: "object",
      kinds: ["apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout", "leaderworkerset.x-k8s.io/LeaderWorkerSet"],
      when: inProduction,
      expression: anyOf(
        `${valueOr("object", "spec.replicas", "1")} >= variables.config.min`,
        `${valueOr("object", "spec.replicas", "1")} == 0`,
        `${metadataValue("object", "annotations", REASON)} != ""`,
      ),
      path: "spec.replicas",
      message: `string(${valueOr("object", "spec.replicas", "1")}) + " replica in production; allowed are " + string(variables.config.min) + " or more, or the annotation ${REASON}"`,
    },
  ],
});

/** Kinds whose replicas a budget counts. https://kubernetes.io/docs/concepts/workloads/pods/disruptions/ */
const BUDGETED = ["apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout"];

/**
 * Whether a budget lets one pod of so many be moved when all are healthy: percentages are rounded up, of minAvailable
 * and of maxUnavailable; without either no pod may be moved.
 *
 * Source: `getExpectedPodCount` in kubernetes/kubernetes, pkg/controller/disruption/disruption.go;
 * https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages.
 */
export function allowsDisruption(budgetSpec: Value | undefined, replicas: number): Truth {
  return given(read(budgetSpec, ["maxUnavailable"]), (maxUnavailable) =>
    maxUnavailable === undefined || maxUnavailable === null
      ? given(read(budgetSpec, ["minAvailable"]), (minAvailable) => {
          if (minAvailable === undefined || minAvailable === null) return false;
          const kept = scaled(minAvailable, replicas, Math.ceil);
          return kept === undefined || kept < replicas;
        })
      : (scaled(maxUnavailable, replicas, Math.ceil) ?? 1) > 0,
  );
}

const replicasOf = ({ object }: WorkloadView): Value => read(object, ["spec", "replicas"]) ?? 1;

/** REL002: nodes can be drained, and not all pods at once. */
export const pdbSane = defineGraphRule({
  id: "REL002",
  name: "pdb-sane",
  pack: "reliability",
  severity: "medium",
  statement: "Replicated workloads of production have a disruption budget, and every budget allows one disruption.",
  why: "Without a budget an upgrade of the nodes may take all replicas at once; with one that allows nothing the upgrade never ends, until somebody forces it.",
  source: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
  semantics:
    "In production every Deployment, StatefulSet and Rollout with at least two replicas has a PodDisruptionBudget in its namespace whose selector matches the labels of its pods. In every environment each budget that matches such a workload, however many replicas it has, lets at least one pod be moved while all are healthy: minAvailable, a number or a percentage that is rounded up, is less than the replicas, or maxUnavailable is not 0. Workloads with no replicas, and budgets for other kinds, are not judged.",
  parameters: z.strictObject({}),
  bad: `${deployment(2)}${budget("minAvailable: 2")}`,
  good: `${deployment(2)}${budget("minAvailable: 1")}`,
  check: (view, _, { environment }) => {
    const select = podSelection(view);
    const matches = view.objects("policy/PodDisruptionBudget").flatMap((budget) =>
      select(budget, read(budget.object, ["spec", "selector"]))
        .filter(({ workload }) => isBudgeted(workload))
        .map((match) => ({ ...match, budget })),
    );
    const covered = new Map<ResourceNode, Truth>();
    for (const { workload, matches: truth } of matches) {
      covered.set(workload.node, either(covered.get(workload.node) ?? false, truth));
    }
    const workloads = environment === "production" ? view.workloads().filter(isBudgeted) : [];
    return [
      ...workloads.flatMap((workload) => lacksBudget(workload, covered.get(workload.node) ?? false)),
      ...matches.flatMap(({ budget, workload, matches: truth }) => isStuck(budget, workload, truth)),
    ];
  },
});

const isBudgeted = ({ group, kind }: WorkloadView) => BUDGETED.includes(`${group}/${kind}`);

function lacksBudget(workload: WorkloadView, isCovered: Truth): readonly GraphOutcome[] {
  const isSingle = given(replicasOf(workload), (replicas) => typeof replicas !== "number" || replicas < 2);
  const message = `no PodDisruptionBudget in the namespace ${describe(workload.namespace)} selects the pods`;
  return told(workload.node, "spec.replicas", either(isSingle, isCovered), message);
}

function isStuck(budget: ObjectView, workload: WorkloadView, matches: Truth): readonly GraphOutcome[] {
  const replicas = replicasOf(workload);
  const spec = read(budget.object, ["spec"]);
  const field = read(spec, ["maxUnavailable"]) === undefined ? "minAvailable" : "maxUnavailable";
  const moves = given(replicas, (count) => typeof count !== "number" || count < 1 || allowsDisruption(spec, count));
  return told(
    budget.node,
    `spec.${field}`,
    either(not(matches), moves),
    `${field} is ${describe(read(spec, [field]))}: of the ${String(replicas)} replicas of ${workload.kind} ${describe(workload.name)} none may be moved`,
  );
}
