import { describe, expect, it } from "vitest";
import { budgetAlert, jobTtl, ownershipLabels, poolBounded } from "./cost.js";
import { said } from "./fixtures/judged.js";

const cloud = (kind: string, spec: string, name = "x") =>
  `---\napiVersion: plinth.dev/test\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;
const eks = (spec: string) => cloud("aws:eks/nodeGroup:NodeGroup", spec);
const gke = (spec: string) => cloud("gcp:container/nodePool:NodePool", spec);
const karpenter = (spec: string, family = "g6") =>
  `---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: { name: x }\nspec: { ${spec} template: { spec: { requirements: [{ key: karpenter.k8s.aws/instance-family, operator: In, values: [${family}] }] } } }\n`;

describe("CST001: the size of a pool", () => {
  const asked = (text: string, parameters: object = {}) =>
    said(text, [poolBounded], { parameters: { CST001: parameters } }).map((each) => each.split(" ").slice(1).join(" "));

  it.each([
    [eks("scalingConfig: { maxSize: 100 }"), []],
    [eks("scalingConfig: { maxSize: 101 }"), ["violation aws:eks:NodeGroup/x scalingConfig.maxSize"]],
    [eks("scalingConfig: { maxSize: !unknown }"), ["undecided aws:eks:NodeGroup/x scalingConfig.maxSize"]],
    [gke("nodeCount: 3"), []],
    [gke("autoscaling: { maxNodeCount: 3 }"), []],
    [gke("autoscaling: { totalMaxNodeCount: 3 }"), []],
    [gke("autoscaling: { minNodeCount: 1 }"), ["violation gcp:container:NodePool/x autoscaling.maxNodeCount"]],
    [karpenter("limits: { nvidia.com/gpu: 8 },"), []],
    [karpenter("limits: { cpu: 100 },"), ['violation NodePool/x spec.limits["nvidia.com/gpu"]']],
    [karpenter("limits: { nodes: 4 },"), []],
    [karpenter("replicas: 2,"), []],
    [karpenter("", "inf2"), ['violation NodePool/x spec.limits["aws.amazon.com/neuron"]']],
    [karpenter("", "m7i"), []],
    [karpenter("limits: !unknown,"), ["undecided NodePool/x spec.limits"]],
  ])("%s", (text, expected) => {
    expect(asked(text)).toEqual(expected);
  });

  it("may be another", () => {
    expect(asked(eks("scalingConfig: { maxSize: 4 }"), { maxNodes: 3 })).toHaveLength(1);
  });
});

describe("CST002: a budget", () => {
  const asked = (text: string, environment: "production" | "staging" = "production", required = true) =>
    said(text, [budgetAlert], { environment, parameters: { CST002: { required } } });
  const found = ["CST002 violation aws:eks:NodeGroup/x "];
  const pool = eks("instanceTypes: [g6.xlarge]");
  const budget = cloud("aws:budgets/budget:Budget", "notifications: [{ threshold: 80 }]", "b");

  it("is needed where it is asked for, in production, beside GPU nodes", () => {
    expect(asked(pool)).toEqual(found);
    expect(asked(pool, "staging")).toEqual([]);
    expect(asked(pool, "production", false)).toEqual([]);
    expect(asked(eks("instanceTypes: [m7i.large]"))).toEqual([]);
  });

  it("tells somebody", () => {
    expect(asked(pool + budget)).toEqual([]);
    expect(asked(pool + cloud("aws:budgets/budget:Budget", "notifications: []", "b"))).toEqual(found);
    expect(asked(pool + cloud("aws:costexplorer/anomalySubscription:AnomalySubscription", "", "b"))).toEqual([]);
    expect(asked(pool + cloud("gcp:billing/budget:Budget", "", "b"))).toEqual([]);
  });
});

describe("CST004: the labels of an object", () => {
  const object = (labels: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x${labels} }\n`;
  const asked = (labels: string, keys: readonly string[] = ["team", "cost-centre"]) =>
    said(object(labels), [ownershipLabels], { parameters: { CST004: { keys } } });
  const found = ["CST004 violation ConfigMap/x metadata.labels"];

  it("have all keys, with values, where keys are asked for", () => {
    expect(asked(", labels: { team: a, cost-centre: b }")).toEqual([]);
    expect(asked(", labels: { team: a }")).toEqual(found);
    expect(asked(', labels: { team: a, cost-centre: "" }')).toEqual(found);
    expect(asked("")).toEqual(found);
    expect(asked("", [])).toEqual([]);
  });
});

describe("CST005: finished jobs", () => {
  const object = (kind: string, spec: string) =>
    `apiVersion: batch/v1\nkind: ${kind}\nmetadata: { name: x }\nspec: { ${spec} }\n`;

  it.each([
    ["Job", "ttlSecondsAfterFinished: 604800", []],
    ["Job", "ttlSecondsAfterFinished: 0", []],
    ["Job", "ttlSecondsAfterFinished: 604801", ["CST005 violation Job/x spec.ttlSecondsAfterFinished"]],
    ["Job", "", ["CST005 violation Job/x spec.ttlSecondsAfterFinished"]],
    ["Job", "ttlSecondsAfterFinished: !unknown", ["CST005 undecided Job/x spec.ttlSecondsAfterFinished"]],
    ["CronJob", "", []],
    ["CronJob", "successfulJobsHistoryLimit: 10, failedJobsHistoryLimit: 10", []],
    [
      "CronJob",
      "successfulJobsHistoryLimit: 11",
      ["CST005 violation CronJob/x spec.jobTemplate.spec.ttlSecondsAfterFinished"],
    ],
    ["CronJob", "successfulJobsHistoryLimit: 11, jobTemplate: { spec: { ttlSecondsAfterFinished: 60 } }", []],
  ])("of a %s { %s }: %s", (kind, spec, expected) => {
    expect(said(object(kind, spec), [jobTtl])).toEqual(expected);
  });

  it("are removed after a day by the fix", () => {
    expect(jobTtl.fix?.({}, { path: "spec.ttlSecondsAfterFinished" })).toEqual([
      { op: "set", path: ["spec", "ttlSecondsAfterFinished"], value: 86400 },
    ]);
  });
});
