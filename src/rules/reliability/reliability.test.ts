import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gpuJob, gpuServer } from "../examples.js";
import { messages, said } from "../fixtures/judged.js";
import { autoscalingSignal } from "./autoscaling.js";
import { allowsDisruption, pdbSane, prodReplicas } from "./availability.js";
import { notConsolidated, spotNeedsCheckpoint } from "./batch.js";
import { driftMonitored } from "./drift.js";
import { gracefulDrain, probesFitModelLoad } from "./serving.js";

const production = { environment: "production" as const, parameters: { REL009: { enabled: true } } };

it.each([prodReplicas, driftMonitored].map((rule) => [rule.id, rule] as const))(
  "%s is silent outside production",
  (_, rule) => {
    expect(said(rule.bad, [rule], production)).toHaveLength(1);
    expect(said(rule.bad, [rule], { ...production, environment: "staging" })).toEqual([]);
    expect(said(rule.bad, [rule], { parameters: production.parameters })).toEqual([]);
  },
);

const deployment = (spec: string, annotations = "{}") =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d, annotations: ${annotations} }\nspec: { ${spec}, template: { metadata: { labels: { app: d } }, spec: { containers: [{ name: c }] } } }\n`;

describe("REL001", () => {
  it.each([
    [deployment("replicas: 2"), []],
    [deployment("replicas: 1"), ["violation"]],
    [deployment("paused: false"), ["violation"]],
    [deployment("replicas: !unknown"), ["undecided"]],
    [deployment("replicas: 1", "{ plinth.dev/single-replica-reason: cache }"), []],
    [deployment("replicas: 1", '{ plinth.dev/single-replica-reason: "" }'), ["violation"]],
    [deployment("replicas: 1").replace("Deployment", "DaemonSet"), []],
    [
      deployment("replicas: 1").replace("apps/v1\nkind: Deployment", "argoproj.io/v1alpha1\nkind: Rollout"),
      ["violation"],
    ],
  ])("judges %s", (yaml, verdicts) => {
    expect(said(yaml, [prodReplicas], production).map((line) => line.split(" ")[1])).toEqual(verdicts);
  });
});

describe("REL002", () => {
  const budget = (spec: string, labels = "{ app: d }") =>
    `---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: { name: b }\nspec: { selector: { matchLabels: ${labels} }, ${spec} }\n`;
  const missing = "REL002 violation Deployment/d spec.replicas";

  it.each([
    [3, "minAvailable: 2", []],
    [3, "minAvailable: 3", ["spec.minAvailable"]],
    [3, "minAvailable: 67%", ["spec.minAvailable"]],
    [3, "minAvailable: 66%", []],
    [3, "maxUnavailable: 0", ["spec.maxUnavailable"]],
    [3, "maxUnavailable: 1%", []],
    [3, "maxUnavailable: 0%", ["spec.maxUnavailable"]],
    [1, "minAvailable: 1", ["spec.minAvailable"]],
    [1, "maxUnavailable: 1", []],
    [2, "unhealthyPodEvictionPolicy: AlwaysAllow", ["spec.minAvailable"]],
    [0, "minAvailable: 1", []],
  ])("judges %d replicas with %s", (replicas, spec, paths) => {
    expect(said(deployment(`replicas: ${replicas}`) + budget(spec), [pdbSane])).toEqual(
      paths.map((path) => `REL002 violation PodDisruptionBudget/b ${path}`),
    );
  });

  it("asks for a budget in production, of two replicas and more", () => {
    expect(said(deployment("replicas: 2"), [pdbSane], production)).toEqual([missing]);
    expect(said(deployment("replicas: 2"), [pdbSane])).toEqual([]);
    expect(said(deployment("replicas: 1"), [pdbSane], production)).toEqual([]);
    expect(said(deployment("replicas: 2") + budget("maxUnavailable: 1", "{ app: x }"), [pdbSane], production)).toEqual([
      missing,
    ]);
    expect(said(deployment("replicas: 2") + budget("maxUnavailable: 1"), [pdbSane], production)).toEqual([]);
  });

  it("is undecided while the selector or the replicas are unknown", () => {
    expect(said(deployment("replicas: 2") + budget("maxUnavailable: 1", "!unknown"), [pdbSane], production)).toEqual([
      "REL002 undecided Deployment/d spec.replicas",
    ]);
    expect(said(deployment("replicas: !unknown") + budget("minAvailable: 2"), [pdbSane])).toEqual([
      "REL002 undecided PodDisruptionBudget/b spec.minAvailable",
    ]);
  });

  it("says how many replicas none may be moved of", () => {
    expect(messages(deployment("replicas: 2") + budget("minAvailable: 100%"), [pdbSane])).toEqual([
      'minAvailable is "100%": of the 2 replicas of Deployment "d" none may be moved',
    ]);
  });

  it("lets a pod be moved exactly when fewer are kept than there are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 100 }), (replicas, percent) => {
        expect(allowsDisruption({ minAvailable: `${percent}%` }, replicas)).toBe(
          Math.ceil((replicas * percent) / 100) < replicas,
        );
        expect(allowsDisruption({ maxUnavailable: `${percent}%` }, replicas)).toBe(percent > 0);
        expect(allowsDisruption({ minAvailable: percent }, replicas)).toBe(percent < replicas);
        expect(allowsDisruption({ maxUnavailable: percent }, replicas)).toBe(percent > 0);
      }),
    );
  });
});

describe("REL003", () => {
  const probes = (text: string) =>
    gpuServer
      .replace("          readinessProbe: { httpGet: { path: /v2/health/ready, port: 8000 } }\n", "")
      .replace(
        "          startupProbe: { httpGet: { path: /v2/health/ready, port: 8000 }, failureThreshold: 60 }\n",
        text,
      );
  const paths = (yaml: string, config = {}) =>
    said(yaml, [probesFitModelLoad], { parameters: { REL003: config } }).map((line) => line.split("containers[0].")[1]);
  const lines = (...fields: string[]) => fields.map((field) => `          ${field}\n`).join("");

  it.each([
    [lines("readinessProbe: {}", "startupProbe: { failureThreshold: 6 }"), []],
    [lines("readinessProbe: {}", "startupProbe: { failureThreshold: 5 }"), ["startupProbe.failureThreshold"]],
    [lines("readinessProbe: {}", "startupProbe: { periodSeconds: 20 }"), []],
    [lines("readinessProbe: {}", "startupProbe: {}"), ["startupProbe.failureThreshold"]],
    [lines("readinessProbe: {}"), ["startupProbe"]],
    [lines("startupProbe: { periodSeconds: 20 }"), ["readinessProbe"]],
    [
      lines("readinessProbe: { httpGet: { port: 1 } }", "livenessProbe: { httpGet: { port: 1 } }"),
      ["startupProbe", "livenessProbe"],
    ],
    [lines("readinessProbe: { httpGet: { port: 1 } }", "livenessProbe: { httpGet: { port: 2 } }"), ["startupProbe"]],
    [lines("readinessProbe: {}", "livenessProbe: {}", "startupProbe: { periodSeconds: 20 }"), []],
  ])("judges %s", (text, expected) => {
    expect(paths(probes(text))).toEqual(expected);
  });

  it("does not judge containers without a port or without an accelerator", () => {
    expect(paths(probes("").replace("          ports: [{ containerPort: 8000 }]\n", ""))).toEqual([]);
    expect(paths(probes("").replace(", nvidia.com/gpu: 1", ""))).toEqual([]);
  });

  it("says how long the container has", () => {
    expect(messages(probes(lines("readinessProbe: {}", "startupProbe: {}")), [probesFitModelLoad])).toEqual([
      "container server has 30 s to start (failureThreshold × periodSeconds); allowed are 60 s or more",
    ]);
  });
});

describe("REL004", () => {
  const sleep = (seconds: number, grace: string) =>
    gpuServer
      .replace("      terminationGracePeriodSeconds: 60\n", grace)
      .replace(
        "          args:",
        `          lifecycle: { preStop: { sleep: { seconds: ${seconds} } } }\n          args:`,
      );

  it.each([
    [sleep(10, "      terminationGracePeriodSeconds: 40\n"), 0],
    [sleep(11, "      terminationGracePeriodSeconds: 40\n"), 1],
    [sleep(0, ""), 0],
    [sleep(5, ""), 1],
  ])("judges a pod with a sleep before its end: %#", (yaml, count) => {
    expect(said(yaml, [gracefulDrain])).toHaveLength(count);
  });
});

describe("REL006", () => {
  const hpa = (spec: string, name = "server") =>
    `${gpuServer}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: h, namespace: fraud }\nspec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${name} }, ${spec} }\n`;
  const cpu = "{ type: Resource, resource: { name: cpu } }";

  it.each([
    ["maxReplicas: 4", ["spec.metrics"]],
    [`maxReplicas: 4, metrics: [${cpu}]`, ["spec.metrics"]],
    [`maxReplicas: 4, metrics: [${cpu}, { type: Pods }]`, []],
    ["maxReplicas: 4, metrics: [{ type: ContainerResource, containerResource: { name: cpu } }]", ["spec.metrics"]],
    ["minReplicas: 5, maxReplicas: 4, metrics: [{ type: Pods }]", ["spec.maxReplicas"]],
    ["minReplicas: 4, maxReplicas: 4, metrics: [{ type: Pods }]", []],
  ])("judges an autoscaler with %s", (spec, paths) => {
    expect(said(hpa(spec), [autoscalingSignal])).toEqual(
      paths.map((path) => `REL006 violation HorizontalPodAutoscaler/h ${path}`),
    );
  });

  it("lets the CPU scale other workloads", () => {
    expect(said(hpa("maxReplicas: 4", "web"), [autoscalingSignal])).toEqual([]);
    expect(said(hpa("maxReplicas: 4").replace(", nvidia.com/gpu: 1", ""), [autoscalingSignal])).toEqual([]);
  });

  it("knows the bounds of ScaledObjects", () => {
    const scaled = (spec: string) =>
      `apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: { name: s }\nspec: ${spec}\n`;
    expect(said(scaled("{ minReplicaCount: 101 }"), [autoscalingSignal])).toEqual([
      "REL006 violation ScaledObject/s spec.maxReplicaCount",
    ]);
    expect(said(scaled("{ maxReplicaCount: 0 }"), [autoscalingSignal])).toEqual([]);
    expect(said(scaled("{ minReplicaCount: !unknown, maxReplicaCount: 2 }"), [autoscalingSignal])).toHaveLength(1);
  });
});

describe("REL007", () => {
  const plain = gpuJob
    .replace("        plinth.dev/checkpoint: s3://checkpoints/fraud\n", "")
    .replace(", karpenter.sh/capacity-type: spot", "");
  const annotation = 'REL007 violation Job/train spec.template.metadata.annotations["plinth.dev/checkpoint"]';
  const pool = (values: string) =>
    `${plain}---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: { name: gpu }\nspec:\n  template:\n    spec:\n      taints: [{ key: nvidia.com/gpu, effect: NoSchedule }]\n      requirements:\n        - { key: karpenter.k8s.aws/instance-family, operator: In, values: [g6] }\n        - { key: karpenter.sh/capacity-type, operator: In, values: ${values} }\n`;

  it.each([
    ["a job that chooses no spot", plain, []],
    [
      "a label of Karpenter",
      plain.replace("NVIDIA-L4 }", "NVIDIA-L4, karpenter.sh/capacity-type: spot }"),
      [annotation],
    ],
    ["a label of EKS", plain.replace("NVIDIA-L4 }", "NVIDIA-L4, eks.amazonaws.com/capacityType: SPOT }"), [annotation]],
    ["on-demand", plain.replace("NVIDIA-L4 }", "NVIDIA-L4, karpenter.sh/capacity-type: on-demand }"), []],
    [
      "the toleration of GKE",
      plain.replace("tolerations:\n", "tolerations:\n        - { key: cloud.google.com/gke-spot, operator: Exists }\n"),
      [annotation],
    ],
    ["a pool that can be spot", pool("[spot, on-demand]"), [annotation]],
    ["a pool that cannot", pool("[on-demand]"), []],
    [
      "a spot pool and a job that wants none",
      pool("[spot, on-demand]").replace("NVIDIA-L4 }", "NVIDIA-L4, karpenter.sh/capacity-type: on-demand }"),
      [],
    ],
    ["a spot pool and an argument", pool("[spot]").replace("train.py]", "train.py, --checkpoint-dir=/c]"), []],
    [
      "a spot pool and a variable",
      pool("[spot]").replace(
        "          args:",
        "          env: [{ name: CHECKPOINT_URI, value: s3://c }]\n          args:",
      ),
      [],
    ],
  ])("judges %s", (_, yaml, expected) => {
    expect(said(yaml, [spotNeedsCheckpoint])).toEqual(expected);
  });

  it("wants a job to be tried again", () => {
    expect(said(gpuJob.replace("backoffLimit: 3", "backoffLimit: 0"), [spotNeedsCheckpoint])).toEqual([
      "REL007 violation Job/train spec.backoffLimit",
    ]);
    expect(said(gpuJob.replace("  backoffLimit: 3\n", ""), [spotNeedsCheckpoint])).toEqual([]);
  });
});

describe("REL008", () => {
  it("takes the annotation of either autoscaler, and its fix adds Karpenter's", () => {
    const other = gpuJob.replace(
      'karpenter.sh/do-not-disrupt: "true"',
      'cluster-autoscaler.kubernetes.io/safe-to-evict: "false"',
    );
    expect(said(other, [notConsolidated])).toEqual([]);
    expect(said(gpuServer, [notConsolidated])).toEqual([]);
    expect(
      notConsolidated.fix?.({}, { path: 'spec.template.metadata.annotations["karpenter.sh/do-not-disrupt"]' }),
    ).toEqual([
      {
        op: "set",
        path: ["spec", "template", "metadata", "annotations", "karpenter.sh/do-not-disrupt"],
        value: "true",
      },
    ]);
  });
});
