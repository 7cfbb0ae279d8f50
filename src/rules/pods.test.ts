import { describe, expect, it } from "vitest";
import type { Properties } from "../graph/model.js";
import { parseYaml } from "../graph/yaml.js";
import { podPlaces } from "./pod-places.js";
import { imagesOf, placesOf, podsOf } from "./pods.js";

const yaml = (text: string) => parseYaml(text).documents[0]?.value as Properties;

/** Paths of pods, their containers and images. */
function found(text: string) {
  const object = yaml(text);
  const pods = podsOf(object);
  return {
    pods: pods.map(({ path }) => path),
    containers: pods.flatMap(({ containers }) => containers.map(({ list, path }) => `${list} ${path}`)),
    images: imagesOf(object).map(({ path, value }) => `${path} ${JSON.stringify(value)}`),
  };
}

describe("the places of pods", () => {
  it("are known for every kind, each version once", () => {
    const keys = podPlaces.flatMap(({ group, kind, versions }) =>
      versions.map((version) => `${group}/${version} ${kind}`),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(podPlaces.filter(({ pods, images, imageObjects }) => !pods && !images && !imageObjects)).toEqual([]);
    for (const kind of [
      "apps/v1 Deployment",
      "batch/v1 CronJob",
      "argoproj.io/v1alpha1 Workflow",
      "serving.kserve.io/v1beta1 InferenceService",
      "ray.io/v1 RayJob",
    ]) {
      expect(keys.map((key) => key.replace(/^\//, ""))).toContain(kind);
    }
  });

  it("of a version that is not known are those of one that is", () => {
    expect(placesOf("apps/v1beta2", "Deployment")).toBe(placesOf("apps/v1", "Deployment"));
    expect(placesOf("example.com/v1", "Deployment")).toBeUndefined();
    expect(placesOf("v1", "ConfigMap")).toBeUndefined();
  });

  it.each([
    ["v1", "Pod", ["spec"]],
    ["v1", "PodTemplate", ["template", "spec"]],
    ["apps/v1", "StatefulSet", ["spec", "template", "spec"]],
    ["batch/v1", "CronJob", ["spec", "jobTemplate", "spec", "template", "spec"]],
    ["argoproj.io/v1alpha1", "Rollout", ["spec", "template", "spec"]],
  ])("of %s %s: all three lists of containers", (apiVersion, kind, keys) => {
    const spec: Properties = {
      containers: [{ image: "b" }],
      initContainers: [{ image: "a" }],
      ephemeralContainers: [{}],
    };
    const object = { apiVersion, kind, ...keys.reduceRight<Properties>((inner, key) => ({ [key]: inner }), spec) };
    const path = keys.join(".");
    expect(podsOf(object).map((pod) => [pod.path, pod.spec === spec, pod.containers.map((each) => each.path)])).toEqual(
      [[path, true, [`${path}.initContainers[0]`, `${path}.containers[0]`, `${path}.ephemeralContainers[0]`]]],
    );
  });

  it("of a RayCluster are those of the head and of each group of workers, with the image of the autoscaler", () => {
    expect(
      found(`
apiVersion: ray.io/v1
kind: RayCluster
spec:
  autoscalerOptions: { image: auto }
  headGroupSpec: { template: { spec: { containers: [{ image: head }] } } }
  workerGroupSpecs:
    - template: { spec: { containers: [{ image: cpu }] } }
    - template: { spec: { containers: [{ image: gpu }] } }`),
    ).toEqual({
      pods: [
        "spec.headGroupSpec.template.spec",
        "spec.workerGroupSpecs[0].template.spec",
        "spec.workerGroupSpecs[1].template.spec",
      ],
      containers: [
        "containers spec.headGroupSpec.template.spec.containers[0]",
        "containers spec.workerGroupSpecs[0].template.spec.containers[0]",
        "containers spec.workerGroupSpecs[1].template.spec.containers[0]",
      ],
      images: [
        'spec.headGroupSpec.template.spec.containers[0].image "head"',
        'spec.workerGroupSpecs[0].template.spec.containers[0].image "cpu"',
        'spec.workerGroupSpecs[1].template.spec.containers[0].image "gpu"',
        'spec.autoscalerOptions.image "auto"',
      ],
    });
  });

  it("of a map of replicas are those of each entry", () => {
    expect(
      found(`
apiVersion: kubeflow.org/v1
kind: PyTorchJob
spec: { pytorchReplicaSpecs: { Master: { template: { spec: { containers: [{ image: m }] } } }, Worker: { template: { spec: { containers: [{ image: w }] } } } } }`)
        .pods,
    ).toEqual(["spec.pytorchReplicaSpecs.Master.template.spec", "spec.pytorchReplicaSpecs.Worker.template.spec"]);
  });

  it("of an InferenceService count the model as a main container, whose image may be absent", () => {
    const text = `
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
spec:
  predictor:
    annotations: { a: b }
    nodeSelector: { gpu: l4 }
    model: { storageUri: s3://b/m, resources: { limits: { nvidia.com/gpu: 1 } } }
    containers: [{ name: proxy, image: p }]`;
    expect(found(text)).toEqual({
      pods: ["spec.predictor"],
      containers: ["containers spec.predictor.containers[0]", "containers spec.predictor.model"],
      images: ['spec.predictor.containers[0].image "p"'],
    });
    expect(podsOf(yaml(text))[0]).toMatchObject({
      labelsPath: "spec.predictor.labels",
      annotationsPath: "spec.predictor.annotations",
      metadata: { annotations: { a: "b" } },
      spec: { nodeSelector: { gpu: "l4" }, containers: [{ name: "proxy" }, { storageUri: "s3://b/m" }] },
    });
  });

  it("of a Workflow are its templates, steps' own ones too, with settings from the template, its defaults or the workflow", () => {
    const text = `
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec:
  serviceAccountName: flow
  tolerations: [{ key: all }]
  podMetadata: { labels: { a: all, all: all }, annotations: { c: d } }
  templateDefaults: { tolerations: [{ key: defaults }] }
  templates:
    - name: main
      steps: [[{ name: a, inline: { container: { image: step } } }]]
    - name: gpu
      metadata: { labels: { a: b } }
      tolerations: [{ key: own }]
      initContainers: [{ image: i }]
      script: { image: s }
      sidecars: [{ image: c }]
    - name: set
      containerSet: { containers: [{ image: x }, { image: y }] }`;
    expect(found(text).containers).toEqual([
      "containers spec.templates[1].script",
      "initContainers spec.templates[1].initContainers[0]",
      "containers spec.templates[1].sidecars[0]",
      "containers spec.templates[2].containerSet.containers[0]",
      "containers spec.templates[2].containerSet.containers[1]",
      "containers spec.templates[0].steps[0][0].inline.container",
    ]);
    const [gpu, set] = podsOf(yaml(text));
    expect(gpu).toMatchObject({
      metadata: { labels: { a: "b", all: "all" }, annotations: { c: "d" } },
      labelsPath: "spec.templates[1].metadata.labels",
      spec: {
        serviceAccountName: "flow",
        tolerations: [{ key: "own" }],
        initContainers: [{ image: "i" }],
        containers: [{ image: "s" }, { image: "c" }],
      },
      origins: { serviceAccountName: "spec.serviceAccountName", tolerations: "spec.templates[1].tolerations" },
    });
    expect(set).toMatchObject({
      spec: { tolerations: [{ key: "defaults" }] },
      origins: { tolerations: "spec.templateDefaults.tolerations" },
    });
  });

  it("of a TrainJob take the trainer's resourcesPerNode for its resources", () => {
    const [pod] = podsOf(
      yaml(
        "{apiVersion: trainer.kubeflow.org/v1alpha1, kind: TrainJob, spec: {trainer: {image: t, resourcesPerNode: {limits: {nvidia.com/gpu: 8}}}}}",
      ),
    );
    expect(pod?.containers).toEqual([
      {
        path: "spec.trainer",
        list: "containers",
        value: { image: "t", resources: { limits: { "nvidia.com/gpu": 8 } } },
        fields: ["command", "args", "env", "resources"],
        names: { resources: "resourcesPerNode" },
      },
    ]);
  });

  it("of a SparkApplication know the other names of pod settings", () => {
    const [pod] = podsOf(
      yaml(
        "{apiVersion: sparkoperator.k8s.io/v1beta2, kind: SparkApplication, spec: {image: s, volumes: [{name: v}], driver: {serviceAccount: me, podSecurityContext: {runAsUser: 1}, securityContext: {privileged: false}, labels: {a: b}}}}",
      ),
    );
    expect(pod).toMatchObject({
      path: "spec.driver",
      metadata: { labels: { a: "b" } },
      spec: { serviceAccountName: "me", securityContext: { runAsUser: 1 }, volumes: [{ name: "v" }] },
    });
  });
});

describe("images", () => {
  it("told in parts are one name", () => {
    const nim = (image: string) =>
      found(`{apiVersion: apps.nvidia.com/v1alpha1, kind: NIMService, spec: {image: ${image}}}`).images;
    expect(nim("{repository: nvcr.io/nim/llama, tag: 1.8.0}")).toEqual(['spec.image "nvcr.io/nim/llama:1.8.0"']);
    expect(nim("{repository: nvcr.io/nim/llama}")).toEqual(['spec.image "nvcr.io/nim/llama"']);
    expect(
      found(
        "{apiVersion: nvidia.com/v1, kind: ClusterPolicy, spec: {driver: {repository: nvcr.io/nvidia, image: driver, version: 'sha256:ab'}}}",
      ).images,
    ).toEqual(['spec.driver "nvcr.io/nvidia/driver@sha256:ab"']);
  });

  it("that are volumes are told once, wherever a pod has them", () => {
    expect(
      found("{apiVersion: v1, kind: Pod, spec: {volumes: [{emptyDir: {}}, {image: {reference: m}}], containers: []}}")
        .images,
    ).toEqual(['spec.volumes[1].image.reference "m"']);
    expect(
      found(
        "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, spec: {volumes: [{image: {reference: m}}], templates: [{container: {image: c}}]}}",
      ).images,
    ).toEqual(['spec.templates[0].container.image "c"', 'spec.volumes[0].image.reference "m"']);
  });

  it("that are absent are told for Kubernetes' own kinds only", () => {
    expect(
      found("{apiVersion: v1, kind: Pod, spec: {containers: [{name: a}, {name: b, image: null}]}}").images,
    ).toEqual(['spec.containers[0].image ""', 'spec.containers[1].image ""']);
    expect(
      found(
        "{apiVersion: serving.kserve.io/v1alpha2, kind: LLMInferenceService, spec: {template: {containers: [{name: main}]}}}",
      ).images,
    ).toEqual([]);
  });
});

describe("unknown values", () => {
  const pod = (spec: Properties) => podsOf({ apiVersion: "v1", kind: "Pod", spec });
  const unknown = { $unknown: "urn.x" };

  it("stand for the spec, the list or the container whose place they take", () => {
    expect(podsOf({ apiVersion: "v1", kind: "Pod", spec: unknown })).toMatchObject([
      { path: "spec", spec: unknown, containers: [{ path: "spec", value: unknown }] },
    ]);
    expect(pod({ containers: unknown })).toMatchObject([
      { spec: { containers: unknown }, containers: [{ path: "spec.containers", value: unknown }] },
    ]);
    expect(pod({ containers: [unknown] })).toMatchObject([
      { containers: [{ path: "spec.containers[0]", value: unknown }] },
    ]);
  });
});

it("what is malformed has no pods", () => {
  for (const spec of [null, 1, "x", [], { containers: "x" }, { containers: null }]) {
    expect(podsOf({ apiVersion: "v1", kind: "Pod", spec }).flatMap(({ containers }) => containers)).toEqual([]);
  }
});
