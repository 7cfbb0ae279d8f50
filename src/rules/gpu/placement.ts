import { z } from "zod";
import {
  acceleratorsParameter,
  CLASS_LABEL_KEYS,
  exemptNamespacesParameter,
  gpuLabelKeysParameter,
  taintKeysParameter,
} from "../accelerators.js";
import { allOf, anyOf, asksForDevice, has, isExempt, isGpuPod, not, someContainer } from "../cel.js";
import { changed, cpuPod, gpuServer } from "../examples.js";
import { defineObjectRule } from "../rule.js";

/** Runtimes of Kubeflow's trainer: what a pod asks for is in the TrainJob that uses them. */
const isRuntime = '(object.kind in ["TrainingRuntime", "ClusterTrainingRuntime"])';

/** Pods that have no business on GPU nodes: the platform's own are exempt. */
const isOrdinary = allOf('object.kind != "DaemonSet"', not(isRuntime), not(isExempt));

const toleratesGpuTaint =
  '(has(item.key) && item.key != "" ? item.key in variables.config.taintKeys : has(item.operator) && item.operator == "Exists")';

const gpuSelector = 'k in variables.config.gpuLabelKeys && pod.spec.nodeSelector[k] != "false"';

/** GPU002. */
export const noStrayOnGpuNodes = defineObjectRule({
  id: "GPU002",
  name: "no-stray-on-gpu-nodes",
  pack: "gpu",
  severity: "high",
  statement: "Only pods that ask for an accelerator tolerate the taint of GPU nodes or select them.",
  why: "A pod without a GPU on a GPU node takes the CPU and memory that the next GPU pod needs, and keeps an expensive node alive when it could be removed.",
  source: "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#example-use-cases",
  semantics:
    "Judged are the pods in which no container asks for an accelerator. None of their tolerations may name a key of taintKeys, or have no key and operator Exists (which tolerates every taint), and nodeSelector may not have a key of gpuLabelKeys, unless its value is false. Node affinity is not looked at. DaemonSets, training runtimes (their TrainJob says what they ask for) and the namespaces in exemptNamespaces are not judged.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    taintKeys: taintKeysParameter,
    gpuLabelKeys: gpuLabelKeysParameter,
    exemptNamespaces: exemptNamespacesParameter,
  }),
  checks: [
    {
      each: "pod",
      within: { list: "spec.tolerations" },
      when: isOrdinary,
      expression: anyOf(not(toleratesGpuTaint), isGpuPod("pod")),
      path: "",
      message:
        '"the pod asks for no accelerator, but tolerates " + (has(item.key) && item.key != "" ? "the taint " + item.key : "every taint") + " of GPU nodes"',
    },
    {
      each: "pod",
      when: allOf(isOrdinary, has("pod", "spec.nodeSelector")),
      expression: anyOf(not(`pod.spec.nodeSelector.exists(k, ${gpuSelector})`), isGpuPod("pod")),
      path: "spec.nodeSelector",
      message: `"the pod asks for no accelerator, but selects GPU nodes by " + pod.spec.nodeSelector.filter(k, ${gpuSelector}).join(", ")`,
    },
  ],
  bad: changed(
    cpuPod,
    "  containers:\n",
    "  tolerations:\n    - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }\n  containers:\n",
  ),
  good: cpuPod,
});

const requiredTerms = "pod.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

const namesClass =
  'has(t.matchExpressions) && t.matchExpressions.exists(e, has(e.key) && has(e.operator) && e.operator == "In" && e.key in variables.config.labelKeys)';

/** Source: `isEmptyNodeSelectorTerm` in kubernetes/component-helpers, scheduling/corev1/nodeaffinity/nodeaffinity.go. */
const isEmptyTerm = allOf(
  ...["matchExpressions", "matchFields"].map((field) => `(!has(t.${field}) || size(t.${field}) == 0)`),
);

/** Terms are ORed: a single one that leaves the kind open lets the pod on any GPU. An empty one matches no node. */
const everyTermNamesClass = allOf(
  has("pod.spec", "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"),
  `${requiredTerms}.exists(t, ${namesClass})`,
  `${requiredTerms}.all(t, ${anyOf(isEmptyTerm, allOf(namesClass))})`,
);

/** GPU003. */
export const targetGpuClass = defineObjectRule({
  id: "GPU003",
  name: "target-gpu-class",
  pack: "gpu",
  severity: "medium",
  statement: "A pod that asks for a GPU says which kind of GPU node it needs.",
  why: "All NVIDIA GPUs share one resource name: without a selector the pod lands on whatever is free, a model made for 80 GB on a 16 GB card or a small one on the dearest machine.",
  source: "https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/#manage-clusters-with-different-types-of-gpus",
  semantics:
    "Judged are pods with a container that asks for an accelerator by the name of an extended resource. Their nodeSelector has a key of labelKeys, or every term of their required node affinity (terms are ORed; empty ones match no node and do not count) has an expression with such a key and the operator In. Pods that use claims of dynamic resource allocation only are not judged, as the claim says what it needs, and training runtimes neither.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    labelKeys: z
      .array(z.string().min(1))
      .default([...CLASS_LABEL_KEYS])
      .describe("Node labels that tell kinds of accelerator nodes apart."),
  }),
  checks: [
    {
      each: "pod",
      when: allOf(not(isRuntime), someContainer("pod", asksForDevice("c"))),
      expression: anyOf(
        allOf(has("pod", "spec.nodeSelector"), "pod.spec.nodeSelector.exists(k, k in variables.config.labelKeys)"),
        everyTermNamesClass,
      ),
      path: "spec.nodeSelector",
      message: `"neither nodeSelector nor every term of the required node affinity says which kind of GPU node the pod needs, by a label such as " + variables.config.labelKeys[0]`,
    },
  ],
  bad: changed(gpuServer, "      nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }\n", ""),
  good: gpuServer,
});
