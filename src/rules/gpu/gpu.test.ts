import { describe, expect, it } from "vitest";
import { changed, cpuPod, gpuJob, gpuServer } from "../examples.js";
import { messages, said } from "../fixtures/judged.js";
import { gpuLimitsWellformed, noGpuBypass, shmForTraining } from "./containers.js";
import { gangAdmission } from "./gang.js";
import { noStrayOnGpuNodes, targetGpuClass } from "./placement.js";

/** A pod with these fields of its spec, and these resources of its only container. */
function pod(spec: string, resources = "limits: { nvidia.com/gpu: 1 }", more = ""): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: p${more} }
spec:
  containers: [{ name: c, image: i, resources: { ${resources} } }]
${spec}`;
}

const containers = "spec.containers[0]";

describe("GPU002: a pod without an accelerator", () => {
  const tolerating = (toleration: string, more = "") =>
    said(pod(`  tolerations: [${toleration}]`, "limits: { cpu: 1 }", more), [noStrayOnGpuNodes]);
  const found = ["GPU002 violation Pod/p spec.tolerations[0]"];

  it.each([
    ["does not tolerate the GPU taint by Exists", "{ key: nvidia.com/gpu, operator: Exists }", found],
    ["does not tolerate it by Equal", "{ key: nvidia.com/gpu, value: present, effect: NoSchedule }", found],
    ["does not tolerate every taint", "{ operator: Exists }", found],
    ["tolerates other taints", "{ key: dedicated, operator: Exists }", []],
    ["tolerates a node that is not ready", "{ key: node.kubernetes.io/not-ready, operator: Exists }", []],
  ])("%s", (_, toleration, expected) => {
    expect(tolerating(toleration)).toEqual(expected);
  });

  it("is found at each toleration and at the selector", () => {
    const text = pod(
      "  tolerations: [{ key: other }, { key: amd.com/gpu }, { key: nvidia.com/gpu }]\n  nodeSelector: { cloud.google.com/gke-accelerator: nvidia-l4 }",
      "",
    );
    expect(said(text, [noStrayOnGpuNodes])).toEqual([
      "GPU002 violation Pod/p spec.tolerations[1]",
      "GPU002 violation Pod/p spec.tolerations[2]",
      "GPU002 violation Pod/p spec.nodeSelector",
    ]);
  });

  it("may be one of the platform's own, by its namespace or as a DaemonSet", () => {
    expect(tolerating("{ key: nvidia.com/gpu, operator: Exists }", ", namespace: gpu-operator")).toEqual([]);
    const daemons = `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: d }
spec: { template: { spec: { tolerations: [{ operator: Exists }], containers: [{ name: c, image: i }] } } }`;
    expect(said(daemons, [noStrayOnGpuNodes])).toEqual([]);
  });

  it.each([
    ["an init container", "  initContainers: [{ name: i, resources: { limits: { amd.com/gpu: 1 } } }]", ""],
    ["a request", "", "requests: { nvidia.com/mig-1g.5gb: 1 }"],
    ["a claim", "", "claims: [{ name: gpu }]"],
  ])("is one only when nothing asks: %s asks", (_, more, resources) => {
    expect(said(pod(`  tolerations: [{ key: nvidia.com/gpu }]\n${more}`, resources), [noStrayOnGpuNodes])).toEqual([]);
  });

  it("is one when it asks for none of an accelerator", () => {
    const text = pod("  tolerations: [{ key: nvidia.com/gpu }]", "limits: { nvidia.com/gpu: 0 }");
    expect(said(text, [noStrayOnGpuNodes])).toEqual(found);
  });

  it("is undecided when what it asks for is unknown, and not when the toleration is of no matter", () => {
    const asks = (key: string) => pod(`  tolerations: [{ key: ${key} }]`, "limits: !unknown");
    expect(said(asks("nvidia.com/gpu"), [noStrayOnGpuNodes])).toEqual([
      "GPU002 undecided Pod/p spec.containers[0].resources.limits",
    ]);
    expect(said(asks("dedicated"), [noStrayOnGpuNodes])).toEqual([]);
  });
});

describe("GPU003: a GPU pod", () => {
  const found = ["GPU003 violation Pod/p spec.nodeSelector"];
  const term = (expression: string) => `{ matchExpressions: [${expression}] }`;
  const affinity = (...terms: readonly string[]) =>
    `  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [${terms.join(", ")}] } } }`;
  const l4 = "{ key: nvidia.com/gpu.product, operator: In, values: [NVIDIA-L4] }";
  const zone = "{ key: topology.kubernetes.io/zone, operator: In, values: [a] }";

  it.each([
    ["without a selector may land anywhere", "", found],
    ["is placed by a label of the GPU", "  nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }", []],
    ["is placed by the machine", "  nodeSelector: { node.kubernetes.io/instance-type: g6.xlarge }", []],
    ["is not placed by the zone", "  nodeSelector: { topology.kubernetes.io/zone: a }", found],
    ["is placed by required affinity", affinity(term(l4)), []],
    ["is placed when every term names the GPU", affinity(term(l4), term(`${zone}, ${l4}`)), []],
    ["is not placed when one term does not", affinity(term(l4), term(zone)), found],
    ["is not placed by Exists", affinity(term("{ key: nvidia.com/gpu.product, operator: Exists }")), found],
    ["is not placed by NotIn", affinity(term("{ key: nvidia.com/gpu.product, operator: NotIn, values: [x] }")), found],
    [
      "is not placed by a preference",
      `  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: ${term(l4)} }] } }`,
      found,
    ],
  ])("%s", (_, spec, expected) => {
    expect(said(pod(spec), [targetGpuClass])).toEqual(expected);
  });

  it("with claims only is placed by the claim", () => {
    expect(said(pod("", "claims: [{ name: gpu }]"), [targetGpuClass])).toEqual([]);
  });

  it("is not judged in a training runtime", () => {
    const runtime = `apiVersion: trainer.kubeflow.org/v1alpha1
kind: ClusterTrainingRuntime
metadata: { name: torch }
spec: { template: { spec: { replicatedJobs: [{ name: node, template: { spec: { template: { spec: { containers: [{ name: c, image: i, resources: { limits: { nvidia.com/gpu: 1 } } }] } } } } }] } } }`;
    expect(said(runtime, [targetGpuClass])).toEqual([]);
  });

  it("is undecided when its selector is unknown", () => {
    expect(said(pod("  nodeSelector: !unknown"), [targetGpuClass])).toEqual([
      "GPU003 undecided Pod/p spec.nodeSelector",
    ]);
  });
});

describe("GPU004: an accelerator", () => {
  const at = (list: string, name = "nvidia.com/gpu") =>
    `GPU004 violation Pod/p ${containers}.resources.${list}["${name}"]`;

  it.each<[string, string, string[]]>([
    ["in limits is enough", "limits: { nvidia.com/gpu: 1 }", []],
    ["as a text is a number too", 'limits: { nvidia.com/gpu: "2" }', []],
    ["is whole as 1000m and 1.0", 'limits: { nvidia.com/gpu: 1000m, amd.com/gpu: "1.0" }', []],
    ["is whole as 1k", "limits: { nvidia.com/gpu: 1k }", []],
    ["may be 0", "limits: { nvidia.com/gpu: 0 }", []],
    ["is not half", "limits: { nvidia.com/gpu: 0.5 }", [at("limits")]],
    ["is not 500m", "limits: { nvidia.com/gpu: 500m }", [at("limits")]],
    ["is not negative", "limits: { nvidia.com/gpu: -1 }", [at("limits")]],
    ["is a number", "limits: { nvidia.com/gpu: all }", [at("limits")]],
    ["may be requested too", 'requests: { nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: "1" }', []],
    ["is requested in the same amount", "requests: { nvidia.com/gpu: 1000m }, limits: { nvidia.com/gpu: 1 }", []],
    ["is not requested in another", "requests: { nvidia.com/gpu: 1 }, limits: { nvidia.com/gpu: 2 }", [at("requests")]],
    ["is not requested alone", "requests: { nvidia.com/gpu: 1 }", [at("limits")]],
    [
      "of a pattern is pointed at where it stands",
      "requests: { nvidia.com/mig-1g.5gb: 1 }",
      [at("requests", "nvidia.com/mig-1g.5gb")],
    ],
    ["is not CPU", "requests: { cpu: 500m }, limits: { memory: 1.5Gi }", []],
  ])("%s", (_, resources, expected) => {
    expect(said(pod("", resources), [gpuLimitsWellformed])).toEqual(expected);
  });

  it("asked for by an init container alone is held for nothing", () => {
    const init = (more: string, main = "") =>
      said(
        pod(`  initContainers: [{ name: i, image: i${more}, resources: { limits: { nvidia.com/gpu: 1 } } }]`, main),
        [gpuLimitsWellformed],
      );
    expect(init("")).toEqual(["GPU004 violation Pod/p spec.containers"]);
    expect(init(", restartPolicy: Always")).toEqual([]);
    expect(init("", "limits: { nvidia.com/gpu: 1 }")).toEqual([]);
  });

  it("is judged in ephemeral containers and in single containers of custom resources", () => {
    const service = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: m }
spec: { predictor: { model: { modelFormat: { name: onnx }, resources: { limits: { nvidia.com/gpu: 0.5 } } } } }`;
    expect(said(service, [gpuLimitsWellformed])).toEqual([
      'GPU004 violation InferenceService/m spec.predictor.model.resources.limits["nvidia.com/gpu"]',
    ]);
  });

  it("is undecided when its amount is unknown, and not when another's is", () => {
    expect(said(pod("", "limits: { nvidia.com/gpu: !unknown }"), [gpuLimitsWellformed])).toEqual([
      `GPU004 undecided Pod/p ${containers}.resources.limits["nvidia.com/gpu"]`,
    ]);
    expect(said(pod("", "limits: { nvidia.com/gpu: 1, cpu: !unknown }"), [gpuLimitsWellformed])).toEqual([]);
  });

  it("can have another name", () => {
    const parameters = { GPU004: { accelerators: ["example.com/*"] } };
    const text = pod("", "limits: { nvidia.com/gpu: 0.5, example.com/npu: 0.5 }");
    expect(said(text, [gpuLimitsWellformed], { parameters })).toEqual([at("limits", "example.com/npu")]);
  });
});

describe("GPU007: a container with two GPUs", () => {
  const two = "limits: { nvidia.com/gpu: 2, memory: 16Gi }";
  const training = (volume: string, mount = "/dev/shm", resources = two) => `apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  containers: [{ name: c, image: i, resources: { ${resources} }, volumeMounts: [{ name: shm, mountPath: ${mount} }] }]
  volumes: [{ name: other, emptyDir: {} }, { name: shm, ${volume} }]`;
  const at = (path: string) => [`GPU007 violation Pod/p ${path}`];

  it.each([
    ["needs a mount", "emptyDir: {}", "/cache", two, at(`${containers}.volumeMounts`)],
    ["has one of memory with a size", "emptyDir: { medium: Memory, sizeLimit: 8Gi }", "/dev/shm", two, []],
    ["has one with a slash behind", "emptyDir: { medium: Memory, sizeLimit: 8Gi }", "/dev/shm/", two, []],
    ["may use all its memory", "emptyDir: { medium: Memory, sizeLimit: 16384Mi }", "/dev/shm", two, []],
    ["needs memory", "emptyDir: { sizeLimit: 8Gi }", "/dev/shm", two, at("spec.volumes[1].emptyDir.medium")],
    ["needs a size", "emptyDir: { medium: Memory }", "/dev/shm", two, at("spec.volumes[1].emptyDir.sizeLimit")],
    [
      "needs a size that fits",
      "emptyDir: { medium: Memory, sizeLimit: 17Gi }",
      "/dev/shm",
      two,
      at("spec.volumes[1].emptyDir.sizeLimit"),
    ],
    ["needs an emptyDir", "hostPath: { path: /dev/shm }", "/dev/shm", two, at("spec.volumes[1].emptyDir.medium")],
    [
      "is not compared with an absent limit",
      "emptyDir: { medium: Memory, sizeLimit: 99Gi }",
      "/dev/shm",
      "limits: { nvidia.com/gpu: 2 }",
      [],
    ],
    [
      "is not one with two different accelerators",
      "emptyDir: {}",
      "/cache",
      "limits: { nvidia.com/gpu: 1, amd.com/gpu: 1 }",
      [],
    ],
    ["is not one with one GPU", "emptyDir: {}", "/cache", "limits: { nvidia.com/gpu: 1 }", []],
  ])("%s", (_, volume, mount, resources, expected) => {
    expect(said(training(volume, mount, resources), [shmForTraining])).toEqual(expected);
  });
});

describe("GPU008: past the scheduler", () => {
  const env = (entry: string, resources = "") =>
    said(pod("", resources).replace("image: i,", `image: i, env: [${entry}],`), [noGpuBypass]);
  const visible = [`GPU008 violation Pod/p ${containers}.env[0]`];

  it.each([
    ["all", visible],
    ["void", []],
    ["none", []],
    ['""', []],
    ["GPU-1b3c", visible],
  ])("NVIDIA_VISIBLE_DEVICES may not be %s without a request", (value, expected) => {
    expect(env(`{ name: NVIDIA_VISIBLE_DEVICES, value: ${value} }`)).toEqual(expected);
  });

  it("the variable may come from nowhere else either, and may be set beside a request", () => {
    expect(env("{ name: NVIDIA_VISIBLE_DEVICES, valueFrom: { fieldRef: { fieldPath: metadata.name } } }")).toEqual(
      visible,
    );
    expect(env("{ name: NVIDIA_VISIBLE_DEVICES, value: all }", "limits: { nvidia.com/gpu: 1 }")).toEqual([]);
    expect(env("{ name: NVIDIA_DRIVER_CAPABILITIES, value: all }")).toEqual([]);
  });

  const devices = (path: string, security = "", resources = "") =>
    said(
      pod(`  volumes: [{ name: d, hostPath: { path: ${path} } }]`, resources).replace(
        "image: i,",
        `image: i, ${security}`,
      ),
      [noGpuBypass],
    );
  const volume = ["GPU008 violation Pod/p spec.volumes[0].hostPath"];
  const privileged = "securityContext: { privileged: true },";

  it.each([
    ["/dev/nvidia0", "", "", volume],
    ["/dev/nvidia-uvm", "", "", volume],
    ["/dev/nvidia0", "", "limits: { nvidia.com/gpu: 1 }", []],
    ["/dev", "", "", []],
    ["/dev", privileged, "", volume],
    ["/dev/", privileged, "", volume],
    ["/dev", privileged, "limits: { nvidia.com/gpu: 1 }", []],
    ["/var/log", privileged, "", []],
  ])("hostPath %s %s %s", (path, security, resources, expected) => {
    expect(devices(path, security, resources)).toEqual(expected);
  });

  it("a runtime class gives GPUs to who asks for them", () => {
    const at = ["GPU008 violation Pod/p spec.runtimeClassName"];
    expect(said(pod("  runtimeClassName: nvidia", ""), [noGpuBypass])).toEqual(at);
    expect(said(pod("  runtimeClassName: nvidia"), [noGpuBypass])).toEqual([]);
    expect(said(pod("  runtimeClassName: gvisor", ""), [noGpuBypass])).toEqual([]);
    expect(said(pod("  runtimeClassName: nvidia", "", ", namespace: kube-system"), [noGpuBypass])).toEqual([]);
  });
});

describe("GPU009: several GPU pods", () => {
  const limits = "resources: { limits: { nvidia.com/gpu: 1 } }";
  const template = `template: { spec: { containers: [{ name: c, image: i, ${limits} }] } }`;
  const object = (apiVersion: string, kind: string, spec: string, metadata = "") =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: j${metadata} }\nspec: { ${spec} }`;
  const found = (kind: string, path = "") => [
    `GPU009 violation ${kind}/j ${path}metadata.labels["kueue.x-k8s.io/queue-name"]`,
  ];

  it.each([
    ["batch/v1", "Job", `parallelism: 2, ${template}`, true],
    ["batch/v1", "Job", `parallelism: 1, completions: 4, ${template}`, false],
    ["batch/v1", "Job", template, false],
    ["batch/v1", "CronJob", `jobTemplate: { spec: { parallelism: 2, ${template} } }`, true],
    [
      "kubeflow.org/v1",
      "PyTorchJob",
      `pytorchReplicaSpecs: { Master: { ${template} }, Worker: { ${template} } }`,
      true,
    ],
    ["kubeflow.org/v1", "PyTorchJob", `pytorchReplicaSpecs: { Worker: { replicas: 4, ${template} } }`, true],
    ["kubeflow.org/v1", "PyTorchJob", `pytorchReplicaSpecs: { Master: { replicas: 1, ${template} } }`, false],
    [
      "kubeflow.org/v1",
      "PyTorchJob",
      `pytorchReplicaSpecs: { Master: { ${template} }, Worker: { replicas: 0, ${template} } }`,
      false,
    ],
    [
      "trainer.kubeflow.org/v1alpha1",
      "TrainJob",
      "trainer: { numNodes: 2, resourcesPerNode: { limits: { nvidia.com/gpu: 8 } } }",
      true,
    ],
    [
      "trainer.kubeflow.org/v1alpha1",
      "TrainJob",
      "trainer: { numNodes: 1, resourcesPerNode: { limits: { nvidia.com/gpu: 8 } } }",
      false,
    ],
    [
      "ray.io/v1",
      "RayJob",
      `rayClusterSpec: { headGroupSpec: { template: { spec: { containers: [{ name: h, image: i }] } } }, workerGroupSpecs: [{ replicas: 2, ${template} }] }`,
      true,
    ],
    ["ray.io/v1", "RayCluster", `headGroupSpec: { ${template} }`, false],
    [
      "jobset.x-k8s.io/v1alpha2",
      "JobSet",
      `replicatedJobs: [{ name: n, replicas: 2, template: { spec: { ${template} } } }]`,
      true,
    ],
    ["jobset.x-k8s.io/v1alpha2", "JobSet", `replicatedJobs: [{ name: n, template: { spec: { ${template} } } }]`, false],
    [
      "leaderworkerset.x-k8s.io/v1",
      "LeaderWorkerSet",
      `leaderWorkerTemplate: { size: 2, workerTemplate: { spec: { containers: [{ name: c, image: i, ${limits} }] } } }`,
      true,
    ],
    [
      "leaderworkerset.x-k8s.io/v1",
      "LeaderWorkerSet",
      `leaderWorkerTemplate: { workerTemplate: { spec: { containers: [{ name: c, image: i, ${limits} }] } } }`,
      false,
    ],
  ])("%s %s { %s } is a gang: %s", (apiVersion, kind, spec, expected) => {
    const path = kind === "CronJob" ? "spec.jobTemplate." : "";
    expect(said(object(apiVersion, kind, spec), [gangAdmission])).toEqual(expected ? found(kind, path) : []);
  });

  it("are admitted together by a queue, a group or a scheduler", () => {
    const job = (metadata: string, podMetadata: string, spec: string) =>
      said(
        object(
          "batch/v1",
          "Job",
          `parallelism: 2, template: { ${podMetadata} spec: { ${spec} containers: [{ name: c, image: i, ${limits} }] } }`,
          metadata,
        ),
        [gangAdmission],
      );
    expect(job(", labels: { kueue.x-k8s.io/queue-name: q }", "", "")).toEqual([]);
    expect(job(', labels: { kueue.x-k8s.io/queue-name: "" }', "", "")).toEqual(found("Job"));
    expect(job("", "metadata: { annotations: { scheduling.k8s.io/group-name: g } },", "")).toEqual([]);
    expect(job("", "metadata: { labels: { scheduling.x-k8s.io/pod-group: g } },", "")).toEqual([]);
    expect(job("", "", "schedulerName: volcano,")).toEqual([]);
    expect(job("", "", "schedulerName: default-scheduler,")).toEqual(found("Job"));
  });

  it("without GPUs need no gang", () => {
    expect(
      said(object("batch/v1", "Job", `parallelism: 2, ${template}`).replace("nvidia.com/gpu", "cpu"), [gangAdmission]),
    ).toEqual([]);
  });
});

describe("a large pod", () => {
  it("is judged quickly", () => {
    const many = Array.from(
      { length: 100 },
      (_, index) => `{ name: c${index}, image: i, resources: { limits: { cpu: 1, nvidia.com/gpu: 0.5 } } }`,
    );
    const text = `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [${many.join(", ")}] }`;
    expect(said(text, [gpuLimitsWellformed])).toHaveLength(100);
  });
});

describe("messages", () => {
  it("name what was found and what is allowed", () => {
    const text = changed(gpuServer, 'requests: { cpu: "2" }', 'requests: { cpu: "2", nvidia.com/gpu: 2 }');
    expect(messages(text, [gpuLimitsWellformed])).toEqual([
      "nvidia.com/gpu: the request 2 is not equal to the limit 1",
    ]);
    expect(
      messages(changed(cpuPod, "  containers:\n", "  nodeSelector: { plinth.dev/gpu: l4 }\n  containers:\n"), [
        noStrayOnGpuNodes,
      ]),
    ).toEqual(["the pod asks for no accelerator, but selects GPU nodes by plinth.dev/gpu"]);
    expect(said(gpuJob, [shmForTraining])).toEqual([]);
  });
});
