import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { isPlainObject, joinPath } from "../../graph/values.js";
import { acceleratorsParameter, isAccelerator } from "../accelerators.js";
import { changed, gpuServer } from "../examples.js";
import { acceleratorsIn, isGpuPod } from "../gpu-pods.js";
import { peakPods } from "../kubernetes/replicas.js";
import { type Amount, amount, plus, podRequest } from "../kubernetes/resources.js";
import { lookup } from "../lookup.js";
import { told } from "../outcomes.js";
import { acceleratorPools } from "../pools.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { both, either, given, not, read, same, some, type Truth } from "../truth.js";
import { asWritten, type GraphView, isNamed, type ObjectView, type WorkloadView } from "../view.js";

const PREFIX = "requests.";
/** Quotas of claims are named by device class: https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-for-extended-resources */
const CLAIMS = ".deviceclass.resource.k8s.io/devices";

/** QTA001. */
export const namespaceGpuQuota = defineGraphRule({
  id: "QTA001",
  name: "namespace-gpu-quota",
  pack: "quotas",
  severity: "high",
  statement: "A namespace with GPU workloads has a quota for their accelerators.",
  why: "Without a quota the first team that sets replicas to 40 takes every GPU of the cluster, and nothing says no.",
  source: "https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-for-extended-resources",
  semantics:
    "For each namespace with a pod that asks for an accelerator there is a ResourceQuota with requests.<accelerator> in spec.hard, or a Kueue LocalQueue whose ClusterQueue has a nominalQuota for it (a ClusterQueue that is not declared here counts as having one). Pods with claims only need a quota of a device class. Objects without a namespace are in default. One finding for each namespace, at its first workload that has no quota: the first in the files, where their places are known, else by name.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  check: (view, { accelerators }) => {
    const hasQuota = quotaLookup(view);
    const workloads = [...gpuWorkloads(view, accelerators)].sort(asWritten);
    const unlimited = workloads.flatMap((workload) => {
      const names = namesOf(workload, accelerators);
      const wanted = names.length === 0 ? [CLAIMS] : names;
      const limited = wanted.map((name) => hasQuota(workload.namespace, name));
      const missing = wanted.filter((_, index) => limited[index] === false);
      const holds = either(not(workload.gpu), both(...limited));
      const said = missing.map((name) => (name === CLAIMS ? "the device class of its claims" : name)).join(" and ");
      const namespace = nameOf(workload.namespace);
      const message = `${namespace} has GPU workloads and no ResourceQuota or Kueue queue that limits ${said}`;
      return told(workload.node, "metadata.namespace", holds, message).map((outcome) => ({ namespace, outcome }));
    });
    return [...new Map([...unlimited].reverse().map((each) => [each.namespace, each.outcome])).values()].reverse();
  },
  bad: changed(
    gpuServer,
    `apiVersion: v1
kind: ResourceQuota
metadata: { name: gpus, namespace: fraud }
spec: { hard: { requests.nvidia.com/gpu: 8 } }
---
`,
    "",
  ),
  good: gpuServer,
});

interface GpuWorkload extends WorkloadView {
  readonly gpu: Truth;
}

function gpuWorkloads(view: GraphView, accelerators: readonly string[]): readonly GpuWorkload[] {
  return view
    .workloads()
    .map((workload) => ({ ...workload, gpu: some(workload.pods, (pod) => isGpuPod(pod.spec, accelerators)) }))
    .filter(({ gpu }) => gpu !== false);
}

function namesOf({ pods }: WorkloadView, accelerators: readonly string[]): readonly string[] {
  return [...new Set(pods.flatMap((pod) => acceleratorsIn(pod.spec, accelerators)))].sort();
}

/** How messages call a namespace. */
function nameOf(namespace: Value): string {
  return typeof namespace === "string" ? `namespace ${namespace}` : "a namespace that is not known before deployment";
}

/** Whether something limits an accelerator in a namespace. */
function quotaLookup(view: GraphView): (namespace: Value, name: string) => Truth {
  const quotas = lookup(view.objects("ResourceQuota"), ({ namespace }) => namespace);
  const localQueues = lookup(view.objects("kueue.x-k8s.io/LocalQueue"), ({ namespace }) => namespace);
  const clusterQueues = lookup(view.objects("kueue.x-k8s.io/ClusterQueue"), ({ name }) => name);
  return (namespace, name) =>
    either(
      some(quotas(namespace), (quota) =>
        both(
          same(quota.namespace, namespace),
          given(
            read(quota.object, ["spec", "hard"]),
            (hard) =>
              isPlainObject(hard) &&
              Object.keys(hard).some((key) => (name === CLAIMS ? key.endsWith(CLAIMS) : key === PREFIX + name)),
          ),
        ),
      ),
      some(localQueues(namespace), (queue) => {
        const target = read(queue.object, ["spec", "clusterQueue"]);
        return both(same(queue.namespace, namespace), queueLimits(clusterQueues(target), target, name));
      }),
    );
}

/** Whether the queue of this name has a quota; one that is not declared here is taken to have one. */
function queueLimits(queues: readonly ObjectView[], target: Value | undefined, name: string): Truth {
  return either(
    not(some(queues, (each) => isNamed(each, target))),
    name === CLAIMS,
    some(queues, (each) =>
      both(
        isNamed(each, target),
        some(read(each.object, ["spec", "resourceGroups"]), (group) =>
          some(read(group, ["flavors"]), (flavor) =>
            some(read(flavor, ["resources"]), (resource) =>
              both(
                same(read(resource, ["name"]), name),
                given(read(resource, ["nominalQuota"]), (quota) => quota !== undefined),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

/** One limit of a ResourceQuota. */
interface Quota {
  readonly node: ResourceNode;
  readonly namespace: Value;
  readonly name: string;
  readonly path: string;
  readonly hard: Amount;
}

/** QTA003. */
export const quotaFitsCapacity = defineGraphRule({
  id: "QTA003",
  name: "quota-fits-capacity",
  pack: "quotas",
  severity: "medium",
  statement: "GPU quotas fit what the pools can have, and the workloads of a namespace fit its quota.",
  why: "A quota above the capacity promises GPUs that never come; a rollout that needs one more pod than the quota has stops half-way, with the old version serving for ever.",
  source: "https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-and-cluster-capacity",
  semantics:
    "Where pools of an accelerator are declared and each has an upper bound, the sum of all quotas requests.<accelerator> is at most the sum over pools of most nodes times accelerators in one node, times overcommit. Where a namespace has such a quota, what its workloads ask for at most (pods as the scheduler counts them, times replicas with the surge of a rolling update, parallel pods of a Job) is at most the quota. Autoscalers, and kinds whose number of pods is not in a table, count as little as they can.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    overcommit: z.number().min(0).default(1).describe("How many times the capacity of the pools quotas may promise."),
  }),
  check: (view, { accelerators, overcommit }) => {
    const quotas = quotasOf(view, accelerators);
    return [...tooLarge(view, quotas, overcommit), ...tooSmall(view, quotas, accelerators)];
  },
  bad: changed(gpuServer, "replicas: 2", "replicas: 9"),
  good: gpuServer,
});

function quotasOf(view: GraphView, accelerators: readonly string[]): readonly Quota[] {
  return view.objects("ResourceQuota").flatMap(({ node, namespace, object }) => {
    const hard = read(object, ["spec", "hard"]);
    if (!isPlainObject(hard)) return [];
    return Object.entries(hard)
      .filter(([key]) => key.startsWith(PREFIX) && isAccelerator(key.slice(PREFIX.length), accelerators))
      .map(
        ([key, value]): Quota => ({
          node,
          namespace,
          name: key.slice(PREFIX.length),
          path: joinPath("spec.hard", key),
          hard: amount(value),
        }),
      );
  });
}

/** Quotas that promise together more than the pools have. */
function tooLarge(view: GraphView, quotas: readonly Quota[], overcommit: number): readonly GraphOutcome[] {
  const pools = acceleratorPools(view);
  const bounded = pools.every(({ capacity, accelerates }) => capacity !== undefined && accelerates === true);
  return [...new Set(quotas.map(({ name }) => name))].flatMap((name) => {
    const own = pools.filter(({ resource }) => resource === name);
    if (own.length === 0 || !bounded) return [];
    const all = quotas.filter((quota) => quota.name === name);
    const capacity = own.reduce<Amount>((sum, pool) => plus(sum, pool.capacity ?? 0), 0);
    const most = typeof capacity === "number" ? capacity * overcommit : capacity;
    const promised = all.reduce<Amount>((sum, quota) => plus(sum, quota.hard), 0);
    const message = `the quotas of ${name} promise ${said(promised)}, and the pools can have ${said(capacity)}${overcommit === 1 ? "" : `, times ${overcommit}`}`;
    return all.flatMap(({ node, path }) => told(node, path, fits(promised, most), message));
  });
}

/** Quotas that the workloads of their namespace need more of. */
function tooSmall(view: GraphView, quotas: readonly Quota[], accelerators: readonly string[]): readonly GraphOutcome[] {
  const workloads = lookup(gpuWorkloads(view, accelerators), ({ namespace }) => namespace);
  return quotas.flatMap(({ node, path, name, namespace, hard }) => {
    const own = workloads(namespace).filter((workload) => same(workload.namespace, namespace) === true);
    const needed = own.reduce<Amount>((sum, workload) => plus(sum, peakUse(workload, name)), 0);
    const message = `the workloads of ${nameOf(namespace)} need up to ${said(needed)} of ${name} with surge, and the quota is ${said(hard)}`;
    return told(node, path, needed === 0 || fits(needed, hard), message);
  });
}

/** What all pods of a workload ask for at most at one time. */
function peakUse(workload: WorkloadView, resource: string): Amount {
  const pods = peakPods(workload);
  return workload.pods.reduce<Amount>((sum, pod) => {
    const one = podRequest(pod.spec, resource);
    if (one === 0 || pods === 0) return sum;
    if (typeof one !== "number") return plus(sum, one);
    return plus(sum, typeof pods === "number" ? pods * one : pods);
  }, 0);
}

function fits(needed: Amount, most: Amount): Truth {
  if (typeof needed !== "number") return needed;
  return typeof most === "number" ? needed <= most : most;
}

function said(value: Amount): string {
  return typeof value === "number" ? String(value) : "an unknown number";
}
