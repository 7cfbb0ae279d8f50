import { z } from "zod";
import type { Value } from "../../graph/model.js";
import { acceleratorsParameter } from "../accelerators.js";
import { describe } from "../cloud.js";
import { gpuServer } from "../examples.js";
import { isGpuPod } from "../gpu-pods.js";
import { told } from "../outcomes.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { both, either, every, given, is, not, read, some, type Truth } from "../truth.js";
import { inSameNamespace, isNamed, type ObjectView, type WorkloadView } from "../view.js";

/** The bounds of an autoscaler: the least (with what it is when absent) and the most. */
interface Bounds {
  readonly least: string;
  readonly leastDefault: number;
  readonly most: string;
  readonly mostDefault?: number;
}

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ for the second. */
const HPA: Bounds = { least: "minReplicas", leastDefault: 1, most: "maxReplicas" };
const SCALED_OBJECT: Bounds = {
  least: "minReplicaCount",
  leastDefault: 0,
  most: "maxReplicaCount",
  mostDefault: 100,
};

function boundsFit({ node, object }: ObjectView, bounds: Bounds): readonly GraphOutcome[] {
  const least = read(object, ["spec", bounds.least]) ?? bounds.leastDefault;
  const most = read(object, ["spec", bounds.most]) ?? bounds.mostDefault;
  const fits = given(least, (low) =>
    given(most, (high) => typeof low !== "number" || typeof high !== "number" || high >= low),
  );
  return told(
    node,
    `spec.${bounds.most}`,
    fits,
    `${bounds.most} is ${describe(most)}, less than ${bounds.least}, which is ${describe(least)}`,
  );
}

/** Whether an autoscaler looks at nothing but the CPU; without metrics it looks at the CPU. */
function looksAtCpuOnly({ object }: ObjectView): Truth {
  return given(read(object, ["spec", "metrics"]), (metrics) =>
    every((metrics ?? []) as Value, (metric) =>
      either(
        both(is(read(metric, ["type"]), "Resource"), is(read(metric, ["resource", "name"]), "cpu")),
        both(is(read(metric, ["type"]), "ContainerResource"), is(read(metric, ["containerResource", "name"]), "cpu")),
      ),
    ),
  );
}

function scales(autoscaler: ObjectView, workload: WorkloadView): Truth {
  const target = read(autoscaler.object, ["spec", "scaleTargetRef"]);
  const group = given(read(target, ["apiVersion"]), (version) =>
    typeof version !== "string" ? workload.group === "" : version.split("/").slice(0, -1).join("/") === workload.group,
  );
  return both(
    inSameNamespace(autoscaler, workload),
    is(read(target, ["kind"]), workload.kind),
    group,
    isNamed(workload, read(target, ["name"])),
  );
}

/** Workloads by kind and name, those with a name that is not known under "": many autoscalers and workloads must not multiply. */
function byName(workloads: readonly WorkloadView[]): (autoscaler: ObjectView) => readonly WorkloadView[] {
  const found = new Map<string, WorkloadView[]>();
  for (const workload of workloads) {
    const key = typeof workload.name === "string" ? `${workload.kind}/${workload.name}` : "";
    const others = found.get(key);
    if (others) others.push(workload);
    else found.set(key, [workload]);
  }
  return ({ object }) => {
    const kind = read(object, ["spec", "scaleTargetRef", "kind"]);
    const name = read(object, ["spec", "scaleTargetRef", "name"]);
    if (typeof kind !== "string" || typeof name !== "string") return workloads;
    return [...(found.get(`${kind}/${name}`) ?? []), ...(found.get("") ?? [])];
  };
}

function cpuScaled(
  autoscaler: ObjectView,
  candidates: readonly WorkloadView[],
  accelerators: readonly string[],
): Truth {
  return both(
    looksAtCpuOnly(autoscaler),
    some(candidates, (workload) =>
      both(
        scales(autoscaler, workload),
        some(workload.pods, (pod) => isGpuPod(pod.spec, accelerators)),
      ),
    ),
  );
}

const autoscaler = (metrics: string) => `${gpuServer}---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: server, namespace: fraud }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: server }
  minReplicas: 2
  maxReplicas: 4
  metrics:
    - ${metrics}
`;

/** REL006: a GPU server is scaled by its work. */
export const autoscalingSignal = defineGraphRule({
  id: "REL006",
  name: "autoscaling-signal",
  pack: "reliability",
  severity: "medium",
  statement: "Autoscalers have bounds that fit, and scale GPU workloads by more than the CPU.",
  why: "The CPU of a model server says nothing about its GPU: it is idle while requests queue, or busy loading a model, and the autoscaler does the wrong thing at the dearest price.",
  source: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
  semantics:
    "A HorizontalPodAutoscaler has maxReplicas of at least minReplicas (absent: 1), a KEDA ScaledObject maxReplicaCount (absent: 100) of at least minReplicaCount (absent: 0). A HorizontalPodAutoscaler whose target, by group, kind, name and namespace, is in the same program and has a pod with an accelerator has a metric other than the CPU (Resource or ContainerResource); without metrics it scales by the CPU. Triggers of ScaledObjects are not looked at.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  bad: autoscaler("{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }"),
  good: autoscaler(
    "{ type: Pods, pods: { metric: { name: queue_depth }, target: { type: AverageValue, averageValue: 4 } } }",
  ),
  check: (view, { accelerators }) => {
    const candidates = byName(view.workloads());
    return [
      ...view
        .objects("autoscaling/HorizontalPodAutoscaler")
        .flatMap((each) => [
          ...boundsFit(each, HPA),
          ...told(
            each.node,
            "spec.metrics",
            not(cpuScaled(each, candidates(each), accelerators)),
            "a GPU workload is scaled by its CPU only; allowed is a metric of its work, such as the length of its queue",
          ),
        ]),
      ...view.objects("keda.sh/ScaledObject").flatMap((each) => boundsFit(each, SCALED_OBJECT)),
    ];
  },
});
