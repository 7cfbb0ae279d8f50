import { z } from "zod";
import { ACCELERATORS, acceleratorsParameter, exemptNamespacesParameter } from "../accelerators.js";
import {
  allOf,
  anyOf,
  asksForAccelerator,
  asksForDevice,
  countOf,
  has,
  isAccelerator,
  isExempt,
  isGpuPod,
  isQuantity,
  isSidecar,
  nameOf,
  not,
  quantityOf,
  someContainer,
  someIn,
  text,
  texts,
} from "../cel.js";
import { changed, cpuPod, gpuJob, gpuServer } from "../examples.js";
import { keysOf, plainAt } from "../paths.js";
import { defineObjectRule, type Fix } from "../rule.js";

/** Accelerators with one name, whose missing limit can be pointed at; of a pattern the request is. */
const NAMES = ACCELERATORS.filter((name) => !name.endsWith("*"));

const limits = "container.resources.limits";
const requests = "container.resources.requests";

/**
 * A whole number that is not negative. The API server takes 1000m and 1.0 for whole too, but CEL's isInteger() does not:
 * it looks at how a number is written.
 */
function isWholeNumber(value: string): string {
  const written = `string(${value})`;
  return `((${isQuantity(value)} && ${quantityOf(value)}.isInteger() && !${quantityOf(value)}.isLessThan(quantity("0"))) || ${written}.matches("^[0-9]+([.]0+|000m)$"))`;
}

/** GPU004. */
export const gpuLimitsWellformed = defineObjectRule({
  id: "GPU004",
  name: "gpu-limits-wellformed",
  pack: "gpu",
  severity: "high",
  statement: "Accelerators stand in limits as whole numbers, and a request, when there is one, is equal.",
  why: "The API server refuses a pod with other amounts; a controller then reports it in an event that nobody reads, and no pod appears. GPUs asked for by an init container alone are held by the pod for as long as it lives.",
  source: "https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/#using-device-plugins",
  semantics:
    "For each accelerator in the limits or requests of a container (main, init and ephemeral): it is in limits, its limit is a whole number of 0 or more (1000m is 1), and its request is equal to the limit when both are there. A pod in which only init containers that end ask for an accelerator by its resource name is reported once; sidecars run on and may.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  checks: [
    {
      each: "container",
      within: { keys: "resources.limits" },
      when: isAccelerator("key"),
      expression: isWholeNumber(`${limits}[key]`),
      path: "",
      message: `key + ": " + string(${limits}[key]) + " is not a whole number of 0 or more"`,
    },
    ...NAMES.map((name) => ({
      each: "container" as const,
      when: allOf(has("container", "resources.requests"), `${text(name)} in ${requests}`, isAccelerator(text(name))),
      expression: allOf(`has(${limits})`, `${text(name)} in ${limits}`),
      path: `resources.limits[${text(name)}]`,
      message: text(`${name} is requested without a limit: accelerators must stand in limits`),
    })),
    {
      each: "container",
      within: { keys: "resources.requests" },
      when: allOf(not(`key in ${texts(NAMES)}`), isAccelerator("key")),
      expression: allOf(`has(${limits})`, `key in ${limits}`),
      path: "",
      message: `key + " is requested without a limit: accelerators must stand in limits"`,
    },
    {
      each: "container",
      within: { keys: "resources.requests" },
      when: allOf(isAccelerator("key"), `has(${limits})`, `key in ${limits}`),
      expression: anyOf(
        `string(${requests}[key]) == string(${limits}[key])`,
        allOf(
          isQuantity(`${requests}[key]`),
          isQuantity(`${limits}[key]`),
          `${quantityOf(`${requests}[key]`)}.compareTo(${quantityOf(`${limits}[key]`)}) == 0`,
        ),
      ),
      path: "",
      message: `key + ": the request " + string(${requests}[key]) + " is not equal to the limit " + string(${limits}[key])`,
    },
    {
      each: "pod",
      when: someIn("pod", "spec.initContainers", "c", asksForDevice("c")),
      expression: anyOf(
        someIn("pod", "spec.containers", "c", asksForDevice("c")),
        someIn("pod", "spec.initContainers", "c", allOf(isSidecar("c"), asksForDevice("c"))),
      ),
      path: "spec.containers",
      message:
        '"only init containers ask for an accelerator: the pod holds it while its main containers run without it"',
    },
  ],
  bad: changed(gpuServer, 'requests: { cpu: "2" }', 'requests: { cpu: "2", nvidia.com/gpu: 2 }'),
  good: gpuServer,
  fix: (object, finding) => takeLimit(object, finding),
});

const isShm = 'has(m.mountPath) && m.mountPath in ["/dev/shm", "/dev/shm/"]';
const usesManyGpus = (container: string) =>
  anyOf(
    ...["limits", "requests"].map((list) =>
      allOf(
        has(container, `resources.${list}`),
        `${container}.resources.${list}.exists(k, ${isAccelerator("k")} && ${countOf(container, "k")} >= variables.config.minGpus)`,
      ),
    ),
  );
const mountsItemAsShm = (container: string) =>
  someIn(container, "volumeMounts", "m", `m.name == item.name && ${isShm}`);
/** Main containers with many GPUs that have this volume at /dev/shm. */
const isTrainingShm = `has(item.name) && ${someIn("pod", "spec.containers", "c", allOf(usesManyGpus("c"), mountsItemAsShm("c")))}`;
const isMemory = allOf(has("item", "emptyDir.medium"), 'item.emptyDir.medium == "Memory"');

const sizeExceedsMemory = allOf(
  has("c", "resources.limits.memory"),
  isQuantity("c.resources.limits.memory"),
  isQuantity("item.emptyDir.sizeLimit"),
  `${quantityOf("item.emptyDir.sizeLimit")}.isGreaterThan(${quantityOf("c.resources.limits.memory")})`,
);

/** GPU007. */
export const shmForTraining = defineObjectRule({
  id: "GPU007",
  name: "shm-for-training",
  pack: "gpu",
  severity: "medium",
  statement: "A container with several GPUs has a memory-backed /dev/shm with a size that its memory limit holds.",
  why: "NCCL and data loaders exchange data through /dev/shm, which has 64 MiB in a container: training ends with a bus error. A tmpfs without a size takes memory until the container is killed.",
  source: "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html#shared-memory",
  semantics:
    "Judged are main containers with at least minGpus of one accelerator. They mount at /dev/shm a volume of the pod that is an emptyDir with medium Memory and a sizeLimit, and the sizeLimit is not above the container's memory limit where that is set. A volume that the pod template does not declare (a StatefulSet's volumeClaimTemplates) is not judged.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    minGpus: z.int().min(1).default(2).describe("From how many accelerators of one name on a container is judged."),
  }),
  checks: [
    {
      each: "container",
      when: allOf('list == "containers"', usesManyGpus("container")),
      expression: someIn("container", "volumeMounts", "m", isShm),
      path: "volumeMounts",
      message: `${nameOf("container")} + " has several accelerators and mounts nothing at /dev/shm; a memory-backed emptyDir with a sizeLimit is needed"`,
    },
    {
      each: "pod",
      within: { list: "spec.volumes" },
      when: isTrainingShm,
      expression: isMemory,
      path: "emptyDir.medium",
      message: '"volume " + item.name + " is mounted at /dev/shm and is no emptyDir with medium Memory"',
    },
    {
      each: "pod",
      within: { list: "spec.volumes" },
      when: allOf(isMemory, isTrainingShm),
      expression: allOf(
        "has(item.emptyDir.sizeLimit)",
        not(someIn("pod", "spec.containers", "c", allOf(usesManyGpus("c"), mountsItemAsShm("c"), sizeExceedsMemory))),
      ),
      path: "emptyDir.sizeLimit",
      message:
        '"volume " + item.name + (has(item.emptyDir.sizeLimit) ? " of " + string(item.emptyDir.sizeLimit) + " at /dev/shm is larger than the memory limit of a container that mounts it" : " at /dev/shm has no sizeLimit")',
    },
  ],
  bad: changed(gpuJob, "nvidia.com/gpu: 1 }", "nvidia.com/gpu: 2 }"),
  good: changed(
    changed(
      gpuJob,
      "nvidia.com/gpu: 1 }\n",
      "nvidia.com/gpu: 2 }\n          volumeMounts: [{ name: shm, mountPath: /dev/shm }]\n",
    ),
    "      containers:\n",
    "      volumes:\n        - { name: shm, emptyDir: { medium: Memory, sizeLimit: 8Gi } }\n      containers:\n",
  ),
});

/** A path of the device files of NVIDIA's driver. */
const isNvidiaDevice = 'item.hostPath.path.startsWith("/dev/nvidia")';
const isDevices = 'item.hostPath.path in ["/dev", "/dev/"]';
const isPrivileged = allOf(has("c", "securityContext.privileged"), "c.securityContext.privileged == true");

/** GPU008. */
export const noGpuBypass = defineObjectRule({
  id: "GPU008",
  name: "no-gpu-bypass",
  pack: "gpu",
  severity: "critical",
  statement: "Nothing reaches GPUs except by asking for them.",
  why: "NVIDIA's runtime shows every GPU of the node to a container whose environment or mounts ask it to, past the scheduler and every quota: two tenants then share a card, and the one who paid for it runs out of memory.",
  source: "https://docs.nvidia.com/datacenter/cloud-native/gpu-operator/latest/gpu-operator-container-runtime.html",
  semantics:
    "A container that asks for no accelerator does not set NVIDIA_VISIBLE_DEVICES to anything but void, none or nothing, and is not privileged in a pod with a hostPath of /dev or /dev/nvidia*. A pod without a GPU container mounts no hostPath /dev/nvidia* and has no runtimeClassName of runtimeClasses. Main, init and ephemeral containers count. The namespaces in exemptNamespaces are not judged.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    runtimeClasses: z
      .array(z.string().min(1))
      .default(["nvidia"])
      .describe("Names of RuntimeClasses that give containers access to GPUs."),
    exemptNamespaces: exemptNamespacesParameter,
  }),
  checks: [
    {
      each: "container",
      within: { list: "env" },
      when: allOf("has(item.name)", 'item.name == "NVIDIA_VISIBLE_DEVICES"', not(isExempt)),
      expression: anyOf(
        allOf("!has(item.valueFrom)", '(!has(item.value) || item.value in ["", "void", "none"])'),
        asksForAccelerator("container"),
      ),
      path: "",
      message: `${nameOf("container")} + " asks for no accelerator, but sets NVIDIA_VISIBLE_DEVICES; only void, none and nothing are allowed"`,
    },
    {
      each: "pod",
      within: { list: "spec.volumes" },
      when: allOf(has("item", "hostPath.path"), anyOf(isNvidiaDevice, isDevices), not(isExempt)),
      expression: allOf(
        anyOf(not(isNvidiaDevice), isGpuPod("pod")),
        not(someContainer("pod", allOf(isPrivileged, not(asksForAccelerator("c"))))),
      ),
      path: "hostPath",
      message: '"hostPath " + item.hostPath.path + " gives GPUs to a container that asks for none"',
    },
    {
      each: "pod",
      when: allOf(has("pod", "spec.runtimeClassName"), not(isExempt)),
      expression: anyOf(not("pod.spec.runtimeClassName in variables.config.runtimeClasses"), isGpuPod("pod")),
      path: "spec.runtimeClassName",
      message:
        '"the pod asks for no accelerator, but runs in runtime class " + pod.spec.runtimeClassName + ", which gives access to GPUs"',
    },
  ],
  bad: changed(
    cpuPod,
    "    - name: web\n",
    "    - name: web\n      env: [{ name: NVIDIA_VISIBLE_DEVICES, value: all }]\n",
  ),
  good: cpuPod,
});

/**
 * A request without a limit becomes the limit too, another one becomes the limit: the limit is what containers get. Where
 * either is zero, whether the pod is to have a GPU at all is for people to say.
 */
const takeLimit: Fix = (object, { path }) => {
  const keys = keysOf(path);
  const resources = keys.slice(0, -2);
  const name = keys.at(-1);
  if (name === undefined || !["limits", "requests"].includes(String(keys.at(-2)))) return [];
  const request = plainAt(object, [...resources, "requests", name]);
  const limit = plainAt(object, [...resources, "limits", name]);
  if (limit === undefined) {
    return isCount(request) ? [{ op: "set", path: [...resources, "limits", name], value: request }] : [];
  }
  return request !== undefined && isCount(limit)
    ? [{ op: "set", path: [...resources, "requests", name], value: limit }]
    : [];
};

function isCount(value: unknown): boolean {
  return /^0*[1-9]\d*$/.test(String(value));
}
