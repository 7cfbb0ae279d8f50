import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Value } from "../../graph/model.js";
import { peakPods } from "./replicas.js";
import { containerRequest, podRequest } from "./resources.js";

const gpu = "nvidia.com/gpu";
const limits = (count: Value): Value => ({ resources: { limits: { [gpu]: count } } });
const sidecar = (count: Value): Value => ({ ...(limits(count) as object), restartPolicy: "Always" }) as Value;
const unknown = { $unknown: "urn.x" };

describe("a container", () => {
  it.each<[string, Value, number]>([
    ["asks for its request", { resources: { requests: { cpu: "500m" }, limits: { cpu: 2 } } }, 0.5],
    ["asks for its limit when it has no request", { resources: { limits: { cpu: "2" } } }, 2],
    ["without resources asks for nothing", {}, 0],
  ])("%s", (_, container, expected) => {
    expect(containerRequest(container, "cpu")).toBe(expected);
  });
});

describe("a pod", () => {
  it.each<[string, Value, number]>([
    ["asks for the sum of its containers", { containers: [limits(1), limits("2"), {}] }, 3],
    [
      "asks for its largest init container when that is more",
      { initContainers: [limits(4), limits(2)], containers: [limits(1)] },
      4,
    ],
    ["adds sidecars to its containers", { initContainers: [sidecar(1)], containers: [limits(1)] }, 2],
    [
      "counts an init container beside the sidecars that start before it",
      { initContainers: [sidecar(1), limits(4), sidecar(2)], containers: [limits(1)] },
      5,
    ],
    ["adds its overhead", { containers: [limits(1)], overhead: { [gpu]: 1 } }, 2],
    ["does not count ephemeral containers", { containers: [limits(1)], ephemeralContainers: [limits(1)] }, 1],
  ])("%s", (_, podSpec, expected) => {
    expect(podRequest(podSpec, gpu)).toBe(expected);
  });

  it("asks for what its own resources say where it has them", () => {
    const podSpec = {
      resources: { requests: { memory: "2Gi" } },
      containers: [{ resources: { requests: { memory: "1Gi" } } }],
    };
    expect(podRequest(podSpec, "memory")).toBe(2 ** 31);
  });

  it("is open when a number is unknown", () => {
    expect(podRequest({ containers: [limits(1), limits(unknown)] }, gpu)).toEqual({ undecided: "urn.x" });
    expect(podRequest({ containers: unknown }, gpu)).toEqual({ undecided: "urn.x" });
  });

  test("without sidecars asks for the sum of its containers or its largest init container", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8)), fc.array(fc.nat(8)), (main, init) => {
        const podSpec = { containers: main.map(limits), initContainers: init.map(limits) };
        const sum = main.reduce((total, each) => total + each, 0);
        expect(podRequest(podSpec, gpu)).toBe(Math.max(sum, ...init));
      }),
    );
  });
});

describe("the most pods at one time", () => {
  it.each<[string, string, Value, number]>([
    ["of a Deployment of four is five by default", "Deployment", { spec: { replicas: 4 } }, 5],
    ["of a Deployment without replicas is two", "Deployment", {}, 2],
    [
      "of a Deployment that is recreated are its replicas",
      "Deployment",
      { spec: { replicas: 4, strategy: { type: "Recreate" } } },
      4,
    ],
    [
      "of a Deployment without surge are its replicas",
      "Deployment",
      { spec: { replicas: 4, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } } },
      4,
    ],
    [
      "of a Rollout has the surge of its canary",
      "Rollout",
      { spec: { replicas: 4, strategy: { canary: { maxSurge: "50%" } } } },
      6,
    ],
    [
      "of a blue-green Rollout is twice its replicas",
      "Rollout",
      { spec: { replicas: 4, strategy: { blueGreen: {} } } },
      8,
    ],
    ["of a Job is its parallelism", "Job", { spec: { parallelism: 3, completions: 9 } }, 3],
    [
      "of a CronJob is the parallelism of its job",
      "CronJob",
      { spec: { jobTemplate: { spec: { parallelism: 2 } } } },
      2,
    ],
    ["of a kind that is not counted is one", "RayCluster", { spec: { replicas: 7 } }, 1],
  ])("%s", (_, kind, object, expected) => {
    expect(peakPods({ kind, object })).toBe(expected);
  });

  it("is open when replicas are unknown", () => {
    expect(peakPods({ kind: "Deployment", object: { spec: { replicas: unknown } } })).toEqual({ undecided: "urn.x" });
  });
});
