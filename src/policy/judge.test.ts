import { describe, expect, it } from "vitest";
import { z } from "zod";
import { assembleGraph } from "../graph/assemble.js";
import type { Properties, ResourceNode, Value } from "../graph/model.js";
import { type Check, defineGraphRule, defineObjectRule, type Rule } from "../rules/rule.js";
import { judge } from "./judge.js";

const facts = {
  name: "test",
  pack: "gpu",
  severity: "high",
  statement: "All is well.",
  why: "It must be.",
  source: "https://example.com",
  semantics: "",
  bad: "",
  good: "",
} as const;

const rule = (checks: readonly Check[], parameters: z.ZodObject = z.strictObject({})) =>
  defineObjectRule({ ...facts, id: "TST001", parameters, checks });

const node = (inputs: Properties, name = "n"): ResourceNode => ({
  urn: `urn:pulumi:s::p::kubernetes:core/v1:${inputs.kind}::${name}`,
  type: `kubernetes:${inputs.apiVersion}:${inputs.kind}`,
  name,
  kind: "custom",
  inputs,
  options: {},
  dependencies: [],
  propertyDependencies: {},
});

const graphOf = (...nodes: ResourceNode[]) => assembleGraph({ origin: "test", project: "p", stack: "s", nodes });
const pod = (spec: Properties, metadata: Properties = {}) => node({ apiVersion: "v1", kind: "Pod", metadata, spec });

/** `verdict path: message` of each finding. */
function said(
  rules: Rule | readonly Rule[],
  nodes: ResourceNode | readonly ResourceNode[],
  options: object = {},
): string[] {
  const graph = graphOf(...[nodes].flat());
  return judge(graph, { rules: [rules].flat(), ...options }).findings.map(
    ({ verdict, path, message }) => `${verdict} ${path}: ${message}`,
  );
}

const named: Check = {
  each: "container",
  expression: "has(container.name)",
  path: "name",
  message: 'list + " without a name"',
};
const unknown = { $unknown: "urn:pulumi:s::p::t::other.value" };

describe("checks of an object", () => {
  it("are asked about each container, with the name of its list", () => {
    expect(said(rule([named]), pod({ containers: [{ name: "a" }, {}], initContainers: [{}] }))).toEqual([
      "violation spec.initContainers[0].name: initContainers without a name",
      "violation spec.containers[1].name: containers without a name",
    ]);
  });

  it("are asked about each pod, at the pod's own paths", () => {
    const check = (path: string): Check => ({
      each: "pod",
      expression: "has(pod.metadata) && has(pod.metadata.labels)",
      path,
      message: '"no"',
    });
    const inference = node({
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      spec: { predictor: { model: {} } },
    });
    const deployment = node({
      apiVersion: "apps/v1",
      kind: "Deployment",
      spec: { template: { spec: { containers: [] } } },
    });
    for (const [path, ofDeployment, ofInference] of [
      ["metadata.labels", "spec.template.metadata.labels", "spec.predictor.labels"],
      ['metadata.annotations["a/b"]', 'spec.template.metadata.annotations["a/b"]', 'spec.predictor.annotations["a/b"]'],
      ["spec.tolerations", "spec.template.spec.tolerations", "spec.predictor.tolerations"],
      ["spec", "spec.template.spec", "spec.predictor"],
    ] as const) {
      expect(said(rule([check(path)]), deployment)).toEqual([`violation ${ofDeployment}: no`]);
      expect(said(rule([check(path)]), inference)).toEqual([`violation ${ofInference}: no`]);
    }
  });

  it("go one level down, into lists and the keys of maps", () => {
    const items = rule([
      {
        each: "container",
        within: { list: "env" },
        when: 'item.name != "OK"',
        expression: "has(item.valueFrom)",
        path: "value",
        message: "item.name",
      },
    ]);
    const env: Properties[] = [
      { name: "A", value: "1" },
      { name: "OK", value: "1" },
      { name: "B", valueFrom: {} },
    ];
    expect(said(items, pod({ containers: [{ env }, {}] }))).toEqual(["violation spec.containers[0].env[0].value: A"]);
    const keys = rule([
      { each: "container", within: { keys: "resources.limits" }, expression: 'key == "cpu"', path: "", message: "key" },
    ]);
    expect(said(keys, pod({ containers: [{ resources: { limits: { cpu: 1, "nvidia.com/gpu": 2 } } }] }))).toEqual([
      'violation spec.containers[0].resources.limits["nvidia.com/gpu"]: nvidia.com/gpu',
    ]);
  });

  it("go through lists of lists", () => {
    const check: Check = {
      each: "object",
      within: { list: "spec.rules[*].to[*].filters" },
      expression: "item > 1",
      path: "",
      message: "string(item)",
    };
    const rules: Value[] = [
      { to: [{ filters: [2, 1] }, {}, "x"] },
      {},
      { to: [{ filters: unknown }, { filters: [0] }] },
    ];
    expect(
      said(rule([check]), node({ apiVersion: "v1", kind: "Service", spec: { rules } })).map(
        (line) => line.split(":")[0],
      ),
    ).toEqual([
      "violation spec.rules[0].to[0].filters[1]",
      "undecided spec.rules[2].to[0].filters",
      "violation spec.rules[2].to[1].filters[0]",
    ]);
  });

  it("are asked about the kinds that they name only", () => {
    const check: Check = {
      each: "object",
      kinds: ["apps/Deployment", "Service"],
      expression: "false",
      path: "spec",
      message: '"no"',
    };
    const objects = [
      ["apps/v1", "Deployment"],
      ["v1", "Service"],
      ["v1", "Pod"],
      ["example.com/v1", "Deployment"],
      ["serving.knative.dev/v1", "Service"],
    ];
    const nodes = objects.map(([apiVersion = "", kind = ""], at) => node({ apiVersion, kind, spec: {} }, `n${at}`));
    expect(said(rule([check]), nodes)).toHaveLength(3);
  });

  it("are given parameters with their defaults, the environment and all pods", () => {
    const check: Check = {
      each: "object",
      expression: 'variables.environment != "production" || size(variables.pods) <= variables.config.most',
      path: "",
      message: 'string(size(variables.pods)) + " pods"',
    };
    const parameters = z.strictObject({ most: z.int().default(0).describe("how many") });
    const judged = (options: object) => said(rule([check], parameters), pod({ containers: [] }), options);
    expect(judged({})).toEqual([]);
    expect(judged({ environment: "production" })).toEqual(["violation : 1 pods"]);
    expect(judged({ environment: "production", parameters: { TST001: { most: 1 } } })).toEqual([]);
  });

  it("are not asked for fields that cannot be set at the place", () => {
    const check = (path: string): Check => ({ each: "container", expression: "false", path, message: '"no"' });
    const job = node({
      apiVersion: "trainer.kubeflow.org/v1alpha1",
      kind: "TrainJob",
      spec: { trainer: { resourcesPerNode: {} } },
    });
    expect(said(rule([check("securityContext.privileged")]), job)).toEqual([]);
    expect(said(rule([check("resources.limits")]), job)).toEqual([
      "violation spec.trainer.resourcesPerNode.limits: no",
    ]);
  });
});

describe("what is not known", () => {
  it("is undecided at its own place, and does not hide what is certain", () => {
    const check: Check = {
      each: "container",
      expression: 'has(container.image) && container.image == "a"',
      path: "image",
      message: "container.image",
    };
    expect(said(rule([check]), pod({ containers: [{ image: unknown }, { image: "b" }] }))).toEqual([
      "undecided spec.containers[0].image: it depends on urn:pulumi:s::p::t::other.value, which is not known before deployment",
      "violation spec.containers[1].image: b",
    ]);
  });

  it("of a list, a spec or a subject is told once", () => {
    for (const [spec, path] of [
      [unknown, "spec"],
      [{ containers: unknown }, "spec.containers"],
      [{ containers: [unknown] }, "spec.containers[0]"],
    ] as const) {
      const found = judge(graphOf(node({ apiVersion: "v1", kind: "Pod", spec })), {
        rules: [rule([named, { ...named, expression: "has(container.image)" }])],
      });
      expect(found.findings.map((finding) => [finding.verdict, finding.path])).toEqual([["undecided", path]]);
    }
  });

  it("of the condition leaves it open, unless the test holds anyway", () => {
    const check = (expression: string): Check => ({
      each: "object",
      when: "object.spec.a",
      expression,
      path: "",
      message: '"no"',
    });
    expect(said(rule([check("true")]), pod({ a: unknown }))).toEqual([]);
    expect(said(rule([check("false")]), pod({ a: unknown }))).toHaveLength(1);
    expect(said(rule([check("false")]), pod({ a: false }))).toEqual([]);
  });

  it("of a list that is looked into is undecided", () => {
    const check: Check = {
      each: "pod",
      within: { list: "spec.tolerations" },
      expression: "has(item.key)",
      path: "key",
      message: '"no"',
    };
    expect(said(rule([check]), pod({ containers: [], tolerations: unknown }))).toEqual([
      "undecided spec.tolerations: it depends on urn:pulumi:s::p::t::other.value, which is not known before deployment",
    ]);
  });

  it("in the message leaves the rule's own statement", () => {
    const check: Check = { each: "object", expression: "false", path: "", message: "object.spec.a" };
    expect(said(rule([check]), pod({ a: unknown }))).toEqual(["violation : All is well."]);
  });
});

describe("a secret", () => {
  const check: Check = {
    each: "object",
    expression: 'object.spec.a == "x"',
    path: "spec.a",
    message: '"found " + object.spec.a',
  };
  const secret = { $secret: "urn.s" };

  it("is undecided when it is withheld", () => {
    expect(said(rule([check]), pod({ a: secret }))).toEqual([
      "undecided spec.a: it depends on urn.s, which is withheld",
    ]);
  });

  it("decides when it is given, and never comes into a message", () => {
    const secrets = (value: string) => ({ secrets: new Map([["urn.s", value]]) });
    expect(said(rule([check]), pod({ a: secret }), secrets("hunter2"))).toEqual(["violation spec.a: All is well."]);
    expect(said(rule([check]), pod({ a: secret }), secrets("x"))).toEqual([]);
  });
});

describe("what is wrong", () => {
  it("with an object is undecided and says so", () => {
    const check: Check = {
      each: "object",
      expression: "object.spec.replicas > 1",
      path: "spec.replicas",
      message: '"no"',
    };
    expect(said(rule([check]), pod({ replicas: "many" }))).toEqual([
      "undecided spec.replicas: the object is malformed here: > is not defined for string and int",
    ]);
  });

  it("with a rule is an error of the run, and the others are still judged", () => {
    const broken = defineGraphRule({
      ...facts,
      id: "OWN001",
      parameters: z.strictObject({}),
      check: () => {
        throw new TypeError("x is not a function\n    at y");
      },
    });
    const noCel = { ...rule([{ ...named, expression: "has(" }]), id: "OWN002" };
    const parameters = { ...rule([named], z.strictObject({ most: z.int().default(1) })), id: "OWN003" };
    const found = judge(graphOf(pod({ containers: [{}] })), {
      rules: [broken, noCel, parameters, rule([named])],
      parameters: { OWN003: { most: "x" } },
    });
    expect(found.findings.map(({ rule: id }) => id)).toEqual(["TST001"]);
    expect(found.errors?.map(({ rule: id }) => id)).toEqual(["OWN001", "OWN002", "OWN003"]);
    expect(found.errors?.[0]?.message).toBe("rule OWN001 could not be run: x is not a function");
    for (const { message } of found.errors ?? []) expect(message).not.toContain("\n");
  });
});

it("graph rules read the graph with typed parameters and the environment; findings are in the order of resources", () => {
  const every = defineGraphRule({
    ...facts,
    id: "TST002",
    parameters: z.strictObject({ path: z.string().default("spec") }),
    check: (view, { path }, { environment }) =>
      view
        .workloads()
        .map(({ node: at }) => ({ node: at, verdict: "violation", path, message: environment ?? "none" })),
  });
  const nodes = ["b", "a"].map((name) =>
    node({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{}] } }, name),
  );
  const { findings } = judge(graphOf(...nodes), { rules: [rule([named]), every], environment: "staging" });
  expect(findings.map(({ rule: id, resource, message }) => [resource.name, id, message])).toEqual([
    ["a", "TST001", "containers without a name"],
    ["a", "TST002", "staging"],
    ["b", "TST001", "containers without a name"],
    ["b", "TST002", "staging"],
  ]);
});
