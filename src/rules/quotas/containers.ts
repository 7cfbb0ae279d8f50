import { z } from "zod";
import { acceleratorsParameter } from "../accelerators.js";
import {
  acceleratorsOf,
  allOf,
  anyOf,
  asksForAccelerator,
  countOf,
  everyIn,
  has,
  hasGpuPods,
  isAccelerator,
  isQuantity,
  isSidecar,
  nameOf,
  not,
  quantityOf,
  sumOfRunning,
} from "../cel.js";
import { changed, gpuJob, gpuServer } from "../examples.js";
import { keysOf, plainAt } from "../paths.js";
import { defineObjectRule } from "../rule.js";

const inits = "pod.spec.initContainers";

/**
 * The most that a pod needs at one time of what `number` counts for the container `c`: main containers and sidecars side
 * by side, or an init container that ends beside the sidecars that were started before it. One that comes twice, without
 * a name of its own, counts at its first place.
 *
 * Source: `PodRequests` in kubernetes/component-helpers, resource/helpers.go; KEP-753, resources calculation for
 * scheduling and pod admission.
 */
function mostOf(number: string): string {
  const before = `${inits}.filter(c, ${isSidecar("c")} && ${inits}.indexOf(c) < ${inits}.indexOf(o)).map(c, ${number}).sum()`;
  const alone = `[o].map(c, ${number})[0]`;
  const starting = `(has(${inits}) ? ${inits}.filter(o, !${isSidecar("o")}).map(o, ${alone} + ${before}) : [])`;
  return `([${sumOfRunning("pod", number)}] + ${starting}).max()`;
}

/** The accelerators of all names that a pod needs at one time. */
const most = mostOf(acceleratorsOf("c"));
/** The accelerators of all names in all its containers, which is quickly found and never less. */
const total = ["containers", "initContainers"]
  .map((list) => `(has(pod.spec.${list}) ? pod.spec.${list}.map(c, ${acceleratorsOf("c")}).sum() : 0)`)
  .join(" + ");

/** Whether a number of each accelerator that containers name, `n` by `o`, is within the limit. */
function eachName(number: string): string {
  const named = allOf(isAccelerator("n"), `${number} > variables.config.max`);
  return allOf(
    ...["containers", "initContainers"].map((list) =>
      everyIn(
        "pod",
        `spec.${list}`,
        "o",
        allOf(...["limits", "requests"].map((kind) => everyIn("o", `resources.${kind}`, "n", not(named)))),
      ),
    ),
  );
}

/** QTA004. */
export const maxGpuPerPod = defineObjectRule({
  id: "QTA004",
  name: "max-gpu-per-pod",
  pack: "quotas",
  severity: "medium",
  statement: "A pod asks for no more accelerators than one node of the largest kind has.",
  why: "A pod that asks for more than a node has stays Pending for ever, and a wrong digit reserves a machine of eight GPUs for an experiment.",
  source: "https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers",
  semantics:
    "Of each accelerator name the sum over main containers and sidecars, and what each init container that ends asks for together with the sidecars started before it, are at most max. A container's limit counts, else its request.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    max: z.int().min(0).default(8).describe("The most accelerators of one name that a pod may ask for."),
  }),
  checks: [
    {
      each: "pod",
      expression: allOf(
        eachName(countOf("o", "n")),
        // Few pods have more than the limit of all names together; only those are summed name by name.
        anyOf(`${total} <= variables.config.max`, eachName(mostOf(countOf("c", "n")))),
      ),
      path: "spec",
      message: `"the pod needs " + string(${most}) + " accelerators at one time; at most " + string(variables.config.max) + " of one name are allowed"`,
    },
  ],
  bad: changed(gpuJob, "limits: { memory: 16Gi, nvidia.com/gpu: 1 }", "limits: { memory: 16Gi, nvidia.com/gpu: 16 }"),
  good: gpuJob,
  otherFindings: ["GPU007", "QTA003"],
});

const isGpuContainer = allOf('list == "containers"', asksForAccelerator("container"));
const limits = "container.resources.limits";
const requests = "container.resources.requests";
/** Requests and limits of the whole pod stand for those of its containers. */
const podHas = (path: string) => has("pod", `spec.resources.${path}`);

/** QTA005. */
export const gpuPodCpuMem = defineObjectRule({
  id: "QTA005",
  name: "gpu-pod-cpu-mem",
  pack: "quotas",
  severity: "medium",
  statement: "A GPU container says how much CPU and memory it needs, and its memory is reserved in full.",
  why: "Loading a model takes tens of gigabytes of host memory for a minute. Without a reservation the kernel then kills the server, or its neighbour, on a node where every second of the GPU is paid for.",
  source: "https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/",
  semantics:
    "A main container that asks for an accelerator has a request for CPU (a limit alone counts, as it becomes the request), a limit for memory, and a memory request equal to the limit; an absent request becomes the limit. Requests and limits of the whole pod count too. With the parameter ephemeralStorage it has a request or limit for ephemeral-storage. Amounts are not judged.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    ephemeralStorage: z
      .boolean()
      .default(false)
      .describe("Whether a request or limit for ephemeral-storage is needed, where models are downloaded to."),
  }),
  checks: [
    {
      each: "container",
      when: isGpuContainer,
      expression: anyOf(
        has("container", "resources.requests.cpu"),
        has("container", "resources.limits.cpu"),
        podHas("requests.cpu"),
        podHas("limits.cpu"),
      ),
      path: "resources.requests.cpu",
      message: `${nameOf("container")} + " asks for an accelerator and has no CPU request"`,
    },
    {
      each: "container",
      when: isGpuContainer,
      expression: anyOf(has("container", "resources.limits.memory"), podHas("limits.memory")),
      path: "resources.limits.memory",
      message: `${nameOf("container")} + " asks for an accelerator and has no memory limit"`,
    },
    {
      each: "container",
      when: allOf(
        isGpuContainer,
        has("container", "resources.limits.memory"),
        has("container", "resources.requests.memory"),
      ),
      expression: anyOf(
        `string(${requests}.memory) == string(${limits}.memory)`,
        allOf(
          isQuantity(`${requests}.memory`),
          isQuantity(`${limits}.memory`),
          `${quantityOf(`${requests}.memory`)}.compareTo(${quantityOf(`${limits}.memory`)}) == 0`,
        ),
      ),
      path: "resources.requests.memory",
      message: `${nameOf("container")} + " asks for an accelerator and requests " + string(${requests}.memory) + " of memory, which is not its limit " + string(${limits}.memory)`,
    },
    {
      each: "container",
      when: allOf("variables.config.ephemeralStorage", isGpuContainer),
      expression: anyOf(
        allOf(has("container", "resources.requests"), `"ephemeral-storage" in ${requests}`),
        allOf(has("container", "resources.limits"), `"ephemeral-storage" in ${limits}`),
      ),
      path: 'resources.requests["ephemeral-storage"]',
      message: `${nameOf("container")} + " asks for an accelerator and reserves no ephemeral-storage"`,
    },
  ],
  bad: changed(gpuServer, "limits: { memory: 16Gi, nvidia.com/gpu: 1 }", "limits: { nvidia.com/gpu: 1 }"),
  good: gpuServer,
  fix: (object, { path }) => {
    // The limit is what the container may use; the request is raised to it. Amounts that nobody told are not invented.
    const keys = keysOf(path);
    const limit = plainAt(object, [...keys.slice(0, -2), "limits", "memory"]);
    const isRequest = keys.at(-2) === "requests" && keys.at(-1) === "memory";
    return isRequest && limit !== undefined ? [{ op: "set", path: keys, value: limit }] : [];
  },
});

/** Where each batch kind keeps the most seconds it may run; kinds without such a field are not judged. */
const DEADLINES: { readonly [kind: string]: readonly string[] } = {
  "batch/Job": ["spec.activeDeadlineSeconds", "spec.template.spec.activeDeadlineSeconds"],
  "batch/CronJob": [
    "spec.jobTemplate.spec.activeDeadlineSeconds",
    "spec.jobTemplate.spec.template.spec.activeDeadlineSeconds",
  ],
  Workflow: ["spec.activeDeadlineSeconds"],
  WorkflowTemplate: ["spec.activeDeadlineSeconds"],
  ClusterWorkflowTemplate: ["spec.activeDeadlineSeconds"],
  CronWorkflow: ["spec.workflowSpec.activeDeadlineSeconds"],
  RayJob: ["spec.activeDeadlineSeconds"],
  TrainJob: ["spec.activeDeadlineSeconds"],
  ...Object.fromEntries(
    ["PyTorchJob", "TFJob", "MPIJob", "JAXJob", "XGBoostJob", "PaddleJob"].map((kind) => [
      kind,
      ["spec.runPolicy.activeDeadlineSeconds"],
    ]),
  ),
};

/** QTA006. */
export const gpuJobDeadline = defineObjectRule({
  id: "QTA006",
  name: "gpu-job-deadline",
  pack: "quotas",
  severity: "medium",
  statement: "A batch job with GPUs ends by itself after a time that is set.",
  why: "A collective operation that has lost a peer waits for ever; without a deadline the job holds its GPUs until somebody looks at the bill.",
  source: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
  semantics:
    "Judged are a Job, CronJob, Argo workflow or template, RayJob, TrainJob or Kubeflow training job with GPU pods. Its activeDeadlineSeconds (of a Job the one of its pods counts too; runPolicy.activeDeadlineSeconds of Kubeflow's jobs) is set and at most maxSeconds. Kinds without such a field are not judged.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    maxSeconds: z.int().min(1).default(604800).describe("The longest deadline in seconds; the default is seven days."),
  }),
  checks: Object.entries(DEADLINES).map(([kind, paths]) => {
    const [path = ""] = paths;
    const found = paths.reduceRight(
      (rest, each) => `(${has("object", each)} ? "for up to " + string(object.${each}) + " seconds" : ${rest})`,
      '"without a deadline"',
    );
    return {
      each: "object" as const,
      kinds: [kind],
      when: hasGpuPods,
      expression: anyOf(
        ...paths.map((each) => allOf(has("object", each), `object.${each} <= variables.config.maxSeconds`)),
      ),
      path,
      message: `"this " + object.kind + " holds accelerators " + ${found} + "; at most " + string(variables.config.maxSeconds) + " seconds are allowed"`,
    };
  }),
  bad: changed(gpuJob, "  activeDeadlineSeconds: 86400\n", ""),
  good: gpuJob,
});
