import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messages, said } from "../fixtures/judged.js";
import { podRequest } from "../kubernetes/resources.js";
import { gpuJobDeadline, gpuPodCpuMem, maxGpuPerPod } from "./containers.js";
import { quotaKeyValid } from "./keys.js";
import { namespaceGpuQuota, quotaFitsCapacity } from "./namespaces.js";

const object = (apiVersion: string, kind: string, name: string, namespace: string, spec: string) =>
  `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec: { ${spec} }\n`;
const container = (resources: string, more = "") => `{ name: c, image: i, resources: { ${resources} }${more} }`;
const one = "limits: { nvidia.com/gpu: 1 }";
const pod = (containers: string, more = "") =>
  object("v1", "Pod", "p", "fraud", `containers: [${containers}]${more === "" ? "" : `, ${more}`}`);
const gpuPod = (name: string, namespace: string, limits = "nvidia.com/gpu: 1") =>
  object("v1", "Pod", name, namespace, `containers: [${container(`limits: { ${limits} }`)}]`);
const quota = (hard: string, namespace = "fraud", name = "q") =>
  object("v1", "ResourceQuota", name, namespace, `hard: { ${hard} }`);

describe("QTA001: a namespace with GPU workloads", () => {
  const asked = (text: string) => said(text, [namespaceGpuQuota]);
  const queue = object("kueue.x-k8s.io/v1beta2", "LocalQueue", "l", "fraud", "clusterQueue: gpus");
  const clusterQueue = (resources: string) =>
    `---\napiVersion: kueue.x-k8s.io/v1beta2\nkind: ClusterQueue\nmetadata: { name: gpus }\nspec: { resourceGroups: [{ coveredResources: [nvidia.com/gpu], flavors: [{ name: f, resources: [${resources}] }] }] }\n`;
  const found = ["QTA001 violation Pod/p metadata.namespace"];

  it.each([
    ["needs a quota", "", found],
    ["has one", quota("requests.nvidia.com/gpu: 4"), []],
    ["has one of none, which denies", quota('requests.nvidia.com/gpu: "0"'), []],
    ["is not limited by another accelerator's", quota("requests.amd.com/gpu: 4"), found],
    ["is not limited by CPU", quota("requests.cpu: 4"), found],
    ["is not limited by another namespace's", quota("requests.nvidia.com/gpu: 4", "other"), found],
    ["is limited by a queue that is declared elsewhere", queue, []],
    ["is limited by a queue", queue + clusterQueue("{ name: nvidia.com/gpu, nominalQuota: 4 }"), []],
    ["is not limited by a queue of something else", queue + clusterQueue("{ name: cpu, nominalQuota: 4 }"), found],
  ])("%s", (_, more, expected) => {
    expect(asked(gpuPod("p", "fraud") + more)).toEqual(expected);
  });

  it("is told once, at its first workload; each namespace for itself", () => {
    expect(asked(gpuPod("a", "one") + gpuPod("b", "one") + gpuPod("c", "two"))).toEqual([
      "QTA001 violation Pod/a metadata.namespace",
      "QTA001 violation Pod/c metadata.namespace",
    ]);
  });

  it("is default where none is told", () => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [${container(one)}] }\n`;
    expect(messages(text, [namespaceGpuQuota])).toEqual([
      "namespace default has GPU workloads and no ResourceQuota or Kueue queue that limits nvidia.com/gpu",
    ]);
    expect(asked(text + quota("requests.nvidia.com/gpu: 1", "default"))).toEqual([]);
  });

  it("with claims only needs the quota of a device class", () => {
    const claims = pod(container("claims: [{ name: gpu }]"));
    expect(asked(claims)).toEqual(found);
    expect(asked(claims + quota("gpu.nvidia.com.deviceclass.resource.k8s.io/devices: 4"))).toEqual([]);
  });

  it("without GPU workloads needs none", () => {
    expect(asked(gpuPod("p", "fraud", "cpu: 1"))).toEqual([]);
  });

  it("is undecided when the quota of some namespace, or what a quota limits, is unknown", () => {
    expect(asked(gpuPod("p", "fraud") + quota("requests.nvidia.com/gpu: 1", "!unknown"))).toEqual([
      "QTA001 undecided Pod/p metadata.namespace",
    ]);
  });
});

describe("QTA002: the key of a quota", () => {
  it.each([
    ["requests.nvidia.com/gpu", true],
    ["limits.nvidia.com/gpu", false],
    ["nvidia.com/gpu", false],
    ["limits.nvidia.com/mig-1g.5gb", false],
    ["requests.nvidia.com/mig-1g.5gb", true],
    ["limits.cpu", true],
    ["count/pods", true],
    ["gpu.nvidia.com.deviceclass.resource.k8s.io/devices", true],
  ])("%s is valid: %s", (key, valid) => {
    const found = said(quota(`pods: 4, ${key}: 1`), [quotaKeyValid]);
    expect(found).toEqual(valid ? [] : [`QTA002 violation ResourceQuota/q spec.hard["${key}"]`]);
  });

  it("is moved behind requests., or removed when that is there", () => {
    const fix = (hard: object) =>
      quotaKeyValid.fix?.({ spec: { hard } }, { path: 'spec.hard["limits.nvidia.com/gpu"]' });
    const path = ["spec", "hard", "limits.nvidia.com/gpu"];
    expect(fix({ "limits.nvidia.com/gpu": 1 })).toEqual([
      { op: "move", path, to: ["spec", "hard", "requests.nvidia.com/gpu"] },
    ]);
    expect(fix({ "limits.nvidia.com/gpu": 1, "requests.nvidia.com/gpu": 2 })).toEqual([{ op: "remove", path }]);
  });
});

describe("QTA003: quotas", () => {
  const asked = (text: string, parameters: object = {}) =>
    said(text, [quotaFitsCapacity], { parameters: { QTA003: parameters } });
  const pool = (name: string, maxSize: string, type = "g6.xlarge") =>
    `---\napiVersion: plinth.dev/test\nkind: aws:eks/nodeGroup:NodeGroup\nmetadata: { name: ${name} }\nspec: { instanceTypes: [${type}], scalingConfig: { maxSize: ${maxSize} } }\n`;
  const found = (name = "q") => `QTA003 violation ResourceQuota/${name} spec.hard["requests.nvidia.com/gpu"]`;
  const deployment = (replicas: number, strategy = "") =>
    object(
      "apps/v1",
      "Deployment",
      "d",
      "fraud",
      `replicas: ${replicas}, ${strategy} template: { spec: { containers: [${container(one)}] } }`,
    );

  it("promise no more than the pools have", () => {
    const gpus = (count: number) => quota(`requests.nvidia.com/gpu: ${count}`);
    expect(asked(pool("a", "2") + pool("b", "1", "g6.12xlarge") + gpus(6))).toEqual([]);
    expect(asked(pool("a", "2") + pool("b", "1", "g6.12xlarge") + gpus(7))).toEqual([found()]);
    expect(asked(pool("a", "4") + gpus(8), { overcommit: 2 })).toEqual([]);
    expect(asked(gpus(100))).toEqual([]);
  });

  it("are counted together", () => {
    const text = pool("a", "4") + quota("requests.nvidia.com/gpu: 3") + quota("requests.nvidia.com/gpu: 2", "b", "r");
    expect(asked(text)).toEqual([found("r"), found("q")]);
  });

  it("are not compared with pools that nothing bounds, nor with pools of something else", () => {
    expect(asked(pool("a", "4", "inf2.xlarge") + quota("requests.nvidia.com/gpu: 8"))).toEqual([]);
    expect(asked(pool("a", "4") + pool("b", "4", "p6e-gb200.36xlarge") + quota("requests.nvidia.com/gpu: 8"))).toEqual(
      [],
    );
  });

  it("are undecided when a number is unknown", () => {
    const text = pool("a", "!unknown") + quota("requests.nvidia.com/gpu: 8");
    expect(asked(text)).toEqual(['QTA003 undecided ResourceQuota/q spec.hard["requests.nvidia.com/gpu"]']);
    expect(asked(pool("a", "4") + quota("requests.nvidia.com/gpu: !unknown"))).toEqual([
      'QTA003 undecided ResourceQuota/q spec.hard["requests.nvidia.com/gpu"]',
    ]);
  });

  it("hold the workloads of their namespace with surge", () => {
    expect(asked(deployment(4) + quota("requests.nvidia.com/gpu: 4"))).toEqual([found()]);
    expect(asked(deployment(4) + quota("requests.nvidia.com/gpu: 5"))).toEqual([]);
    expect(
      asked(
        deployment(4, "strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },") +
          quota("requests.nvidia.com/gpu: 4"),
      ),
    ).toEqual([]);
    expect(asked(deployment(4) + quota("requests.nvidia.com/gpu: 1", "other"))).toEqual([]);
    expect(
      messages(deployment(4) + gpuPod("p", "fraud") + quota("requests.nvidia.com/gpu: 4"), [quotaFitsCapacity]),
    ).toEqual(["the workloads of namespace fraud need up to 6 of nvidia.com/gpu with surge, and the quota is 4"]);
  });

  it("of none are not judged where nothing needs any", () => {
    expect(asked(gpuPod("p", "fraud", "cpu: 1") + quota("requests.nvidia.com/gpu: 0"))).toEqual([]);
  });
});

describe("QTA004: the accelerators of a pod", () => {
  const asked = (text: string, parameters: object = {}) =>
    said(text, [maxGpuPerPod], { parameters: { QTA004: parameters } });
  const found = ["QTA004 violation Pod/p spec"];
  const gpus = (count: number, more = "", name = "nvidia.com/gpu") => container(`limits: { ${name}: ${count} }`, more);

  it.each([
    ["are at most eight", pod(gpus(8)), []],
    ["are not nine", pod(gpus(9)), found],
    ["are summed", pod(`${gpus(8)}, ${gpus(1)}`), found],
    ["are counted by name", pod(`${gpus(8)}, ${gpus(8, "", "amd.com/gpu")}`), []],
    ["are summed with sidecars", pod(gpus(8), `initContainers: [${gpus(1, ", restartPolicy: Always")}]`), found],
    ["are not summed with init containers", pod(gpus(8), `initContainers: [${gpus(8)}]`), []],
    [
      "are summed of an init container and the sidecars before it",
      pod(gpus(1), `initContainers: [${gpus(1, ", restartPolicy: Always")}, ${gpus(8)}]`),
      found,
    ],
    [
      "are not summed of an init container and a sidecar after it",
      pod(gpus(1), `initContainers: [${gpus(8)}, ${gpus(1, ", restartPolicy: Always")}]`),
      [],
    ],
    ["are limited in init containers", pod(gpus(1), `initContainers: [${gpus(9)}]`), found],
    ["may be texts", pod(container('limits: { nvidia.com/gpu: "9" }')), found],
  ])("%s", (_, text, expected) => {
    expect(asked(text)).toEqual(expected);
  });

  it("are counted as the scheduler counts them", () => {
    const containers = (more: fc.Arbitrary<object>) =>
      fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), more), { maxLength: 4 }).map((list) =>
        list.map(([gpus, fields], index) => ({
          name: `c${index}`,
          resources: { limits: { "nvidia.com/gpu": gpus } },
          ...fields,
        })),
      );
    const specs = fc.record({
      containers: containers(fc.constant({})),
      initContainers: containers(fc.constantFrom({}, { restartPolicy: "Always" })),
    });
    fc.assert(
      fc.property(specs, (spec) => {
        const tooMany = Number(podRequest(spec, "nvidia.com/gpu")) > 8;
        const text = `apiVersion: v1\nkind: Pod\nmetadata: { name: p, namespace: fraud }\nspec: ${JSON.stringify(spec)}\n`;
        expect(asked(text)).toEqual(tooMany ? found : []);
      }),
    );
  });

  it("may be limited to fewer", () => {
    expect(asked(pod(gpus(2)), { max: 1 })).toEqual(found);
    expect(messages(pod(gpus(9)), [maxGpuPerPod])).toEqual([
      "the pod needs 9 accelerators at one time; at most 8 of one name are allowed",
    ]);
  });

  it("are undecided when a number is unknown, and a violation when the others are too many", () => {
    expect(asked(pod(container("limits: { nvidia.com/gpu: !unknown }")))).toEqual([
      'QTA004 undecided Pod/p spec.containers[0].resources.limits["nvidia.com/gpu"]',
    ]);
    expect(asked(pod(`${gpus(9)}, ${container("limits: { nvidia.com/gpu: !unknown }")}`))).toEqual(found);
  });
});

describe("QTA005: the CPU and memory of a GPU container", () => {
  const asked = (resources: string, more = "", parameters: object = {}) =>
    said(pod(container(resources), more), [gpuPodCpuMem], { parameters: { QTA005: parameters } });
  const at = (path: string) => `QTA005 violation Pod/p spec.containers[0].resources.${path}`;

  it.each([
    ["are needed", one, [at("requests.cpu"), at("limits.memory")]],
    ["are a request and a limit", "requests: { cpu: 1 }, limits: { nvidia.com/gpu: 1, memory: 1Gi }", []],
    ["may be limits alone", "limits: { nvidia.com/gpu: 1, memory: 1Gi, cpu: 1 }", []],
    ["are equal for memory", "requests: { memory: 1Gi }, limits: { nvidia.com/gpu: 1, memory: 1024Mi, cpu: 1 }", []],
    [
      "are not less for memory",
      "requests: { memory: 1Gi }, limits: { nvidia.com/gpu: 1, memory: 2Gi, cpu: 1 }",
      [at("requests.memory")],
    ],
    [
      "are not a request of memory alone",
      "requests: { cpu: 1, memory: 1Gi }, limits: { nvidia.com/gpu: 1 }",
      [at("limits.memory")],
    ],
    ["are not judged without a GPU", "limits: { cpu: 1 }", []],
  ])("%s", (_, resources, expected) => {
    expect(asked(resources)).toEqual(expected);
  });

  it("are not judged in init containers and may stand at the pod", () => {
    expect(said(pod(container(""), `initContainers: [${container(one)}]`), [gpuPodCpuMem])).toEqual([]);
    expect(asked(one, "resources: { requests: { cpu: 1 }, limits: { memory: 1Gi } }")).toEqual([]);
  });

  it("are joined by ephemeral storage where that is asked", () => {
    const resources = "limits: { nvidia.com/gpu: 1, memory: 1Gi, cpu: 1 }";
    expect(asked(resources, "", { ephemeralStorage: true })).toEqual([at('requests["ephemeral-storage"]')]);
    expect(asked(`requests: { ephemeral-storage: 10Gi }, ${resources}`, "", { ephemeralStorage: true })).toEqual([]);
  });

  it("are undecided when unknown", () => {
    expect(asked("limits: { nvidia.com/gpu: 1, cpu: 1, memory: 1Gi }, requests: { memory: !unknown }")).toEqual([
      "QTA005 undecided Pod/p spec.containers[0].resources.requests.memory",
    ]);
  });

  it("are mended by raising the request to the limit", () => {
    const spec = { containers: [{ resources: { requests: { memory: "1Gi" }, limits: { memory: "2Gi" } } }] };
    const path = ["spec", "containers", 0, "resources", "requests", "memory"];
    expect(gpuPodCpuMem.fix?.({ spec }, { path: "spec.containers[0].resources.requests.memory" })).toEqual([
      { op: "set", path, value: "2Gi" },
    ]);
    expect(gpuPodCpuMem.fix?.({ spec }, { path: "spec.containers[0].resources.requests.cpu" })).toEqual([]);
  });
});

describe("QTA006: a batch job with GPUs", () => {
  const template = (more = "") => `template: { spec: { ${more} containers: [${container(one)}] } }`;
  const asked = (apiVersion: string, kind: string, spec: string) =>
    said(object(apiVersion, kind, "j", "fraud", spec), [gpuJobDeadline]).map((each) => each.split(" ").at(-1));

  it.each([
    ["batch/v1", "Job", template(), ["spec.activeDeadlineSeconds"]],
    ["batch/v1", "Job", `activeDeadlineSeconds: 604800, ${template()}`, []],
    ["batch/v1", "Job", `activeDeadlineSeconds: 604801, ${template()}`, ["spec.activeDeadlineSeconds"]],
    ["batch/v1", "Job", template("activeDeadlineSeconds: 60,"), []],
    [
      "batch/v1",
      "CronJob",
      `jobTemplate: { spec: { ${template()} } }`,
      ["spec.jobTemplate.spec.activeDeadlineSeconds"],
    ],
    ["batch/v1", "CronJob", `jobTemplate: { spec: { activeDeadlineSeconds: 60, ${template()} } }`, []],
    [
      "argoproj.io/v1alpha1",
      "Workflow",
      `templates: [{ name: t, container: ${container(one)} }]`,
      ["spec.activeDeadlineSeconds"],
    ],
    [
      "argoproj.io/v1alpha1",
      "CronWorkflow",
      `workflowSpec: { templates: [{ name: t, container: ${container(one)} }] }`,
      ["spec.workflowSpec.activeDeadlineSeconds"],
    ],
    [
      "kubeflow.org/v1",
      "PyTorchJob",
      `pytorchReplicaSpecs: { Master: { ${template()} } }`,
      ["spec.runPolicy.activeDeadlineSeconds"],
    ],
    [
      "kubeflow.org/v1",
      "PyTorchJob",
      `runPolicy: { activeDeadlineSeconds: 60 }, pytorchReplicaSpecs: { Master: { ${template()} } }`,
      [],
    ],
    ["ray.io/v1", "RayJob", `rayClusterSpec: { headGroupSpec: { ${template()} } }`, ["spec.activeDeadlineSeconds"]],
    [
      "trainer.kubeflow.org/v1alpha1",
      "TrainJob",
      "trainer: { resourcesPerNode: { limits: { nvidia.com/gpu: 8 } } }",
      ["spec.activeDeadlineSeconds"],
    ],
    ["jobset.x-k8s.io/v1alpha2", "JobSet", `replicatedJobs: [{ name: n, template: { spec: { ${template()} } } }]`, []],
    ["apps/v1", "Deployment", template(), []],
  ])("%s %s { %s }: %s", (apiVersion, kind, spec, expected) => {
    expect(asked(apiVersion, kind, spec)).toEqual(expected);
  });

  it("is told the time", () => {
    const text = object("batch/v1", "Job", "j", "fraud", `activeDeadlineSeconds: 999999, ${template()}`);
    expect(messages(text, [gpuJobDeadline])).toEqual([
      "this Job holds accelerators for up to 999999 seconds; at most 604800 seconds are allowed",
    ]);
  });

  it("is undecided when the time is unknown", () => {
    const text = object("batch/v1", "Job", "j", "fraud", `activeDeadlineSeconds: !unknown, ${template()}`);
    expect(said(text, [gpuJobDeadline])).toEqual(["QTA006 undecided Job/j spec.activeDeadlineSeconds"]);
  });
});
