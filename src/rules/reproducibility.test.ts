import { describe, expect, it } from "vitest";
import { said } from "./fixtures/judged.js";
import { chartsVisible, durableTracking, pipelineInputsPinned, provenance } from "./reproducibility.js";

const last = (found: readonly string[]) => found.map((each) => each.split(" ").at(-1));

describe("REP001: a serving pod", () => {
  const deployment = (annotations: string, gpus = 1) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: s }\nspec: { template: { metadata: { annotations: { ${annotations} } }, spec: { containers: [{ name: c, image: i, resources: { limits: { nvidia.com/gpu: ${gpus} } } }] } } }\n`;
  const asked = (text: string, environment: "production" | "staging" = "production", parameters: object = {}) =>
    last(said(text, [provenance], { environment, parameters: { REP001: parameters } }));
  const at = (key: string) => `spec.template.metadata.annotations["plinth.dev/model-${key}"]`;

  it.each([
    ["", [at("version"), at("digest")]],
    ['plinth.dev/model-version: "1"', [at("digest")]],
    ['plinth.dev/model-version: "1", plinth.dev/model-digest: ""', [at("digest")]],
    ['plinth.dev/model-version: "1", plinth.dev/model-digest: sha256:a', []],
  ])("with { %s } lacks %s", (annotations, expected) => {
    expect(asked(deployment(annotations))).toEqual(expected);
  });

  it("is judged in production and with a GPU", () => {
    expect(asked(deployment(""), "staging")).toEqual([]);
    expect(asked(deployment("", 0))).toEqual([]);
  });

  it("can need other annotations", () => {
    const keys = ["example.com/run", "plinth.dev/model-version"];
    expect(asked(deployment(""), "production", { keys })).toEqual([
      at("version"),
      "spec.template.metadata.annotations",
    ]);
    expect(asked(deployment('example.com/run: r, plinth.dev/model-version: "1"'), "production", { keys })).toEqual([]);
  });
});

describe("REP002: an input of a pipeline", () => {
  const workflow = (value: string, kind = "Workflow", spec = "arguments") =>
    `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: { name: w }\nspec: { ${spec}: { parameters: [{ name: n }, { name: d, value: "${value}" }] } }\n`;

  it.each([
    ["s3://data/fraud/2026-08-01/", true],
    ["s3://data/fraud/latest/", false],
    ["s3://data/latest/train.parquet", false],
    ["models:/fraud/Production", false],
    ["models:/fraud/12", true],
    ["hf://acme/set", false],
    [`hf://acme/set:${"a".repeat(40)}`, true],
    ["s3://data/{{workflow.parameters.day}}/latest", true],
    ["latest", true],
    ["https://example.com/latest", true],
  ])("%s is pinned: %s", (value, pinned) => {
    expect(last(said(workflow(value), [pipelineInputsPinned]))).toEqual(
      pinned ? [] : ["spec.arguments.parameters[1].value"],
    );
  });

  it("is found in templates, schedules and arguments of training jobs", () => {
    expect(last(said(workflow("s3://d/x/latest", "WorkflowTemplate"), [pipelineInputsPinned]))).toEqual([
      "spec.arguments.parameters[1].value",
    ]);
    const cron = `apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: { name: w }\nspec: { workflowSpec: { arguments: { parameters: [{ name: d, value: "s3://d/x/latest" }] } } }\n`;
    expect(last(said(cron, [pipelineInputsPinned]))).toEqual(["spec.workflowSpec.arguments.parameters[0].value"]);
    const job = `apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: { name: w }\nspec: { trainer: { image: i, args: [--epochs=3, --data=s3://d/x/latest, s3://d/y/v1, "s3://d/current/a"] } }\n`;
    expect(last(said(job, [pipelineInputsPinned]))).toEqual(["spec.trainer.args[1]", "spec.trainer.args[3]"]);
  });

  it("is undecided when unknown", () => {
    expect(said(workflow("x").replace('"x"', "!unknown"), [pipelineInputsPinned])).toEqual([
      "REP002 undecided Workflow/w spec.arguments.parameters[1].value",
    ]);
  });
});

describe("REP003: a tracking server", () => {
  const pod = (more: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: i, ${more} }] }\n`;
  const asked = (more: string) => said(pod(more), [durableTracking]).length;
  const postgres = "postgresql://db/mlflow";

  it.each([
    ["args: [mlflow, server]", 1],
    ["args: [mlflow, server, --backend-store-uri, sqlite:///a.db]", 1],
    ["args: [mlflow, server, --backend-store-uri=sqlite:///a.db]", 1],
    ["args: [mlflow, server, --backend-store-uri, /mlruns]", 1],
    ["args: [mlflow, server, --backend-store-uri, ./mlruns]", 1],
    ["args: [mlflow, server, --backend-store-uri, mlruns]", 1],
    ["args: [mlflow, server, --backend-store-uri, file:///mlruns]", 1],
    [`args: [mlflow, server, --backend-store-uri, "${postgres}"]`, 0],
    [`command: [mlflow], args: [server, "--backend-store-uri=${postgres}"]`, 0],
    ["args: [mlflow, server, --backend-store-uri, mysql+pymysql://db/mlflow]", 0],
    ["args: [mlflow, server, --backend-store-uri, $(DATABASE)]", 0],
    [`command: [sh, -c, "pip list; mlflow server --backend-store-uri ${postgres} --port 80"]`, 0],
    ["command: [sh, -c, mlflow server --port 80]", 1],
    [`args: [mlflow, server], env: [{ name: MLFLOW_BACKEND_STORE_URI, value: "${postgres}" }]`, 0],
    ['args: [mlflow, server], env: [{ name: MLFLOW_BACKEND_STORE_URI, value: "sqlite:///a" }]', 1],
    [
      "args: [mlflow, server], env: [{ name: MLFLOW_BACKEND_STORE_URI, valueFrom: { secretKeyRef: { name: s, key: k } } }]",
      0,
    ],
    ["args: [mlflow, server], envFrom: [{ secretRef: { name: s } }]", 0],
    [`args: [mlflow, server, --backend-store-uri, "${postgres}", --artifacts-destination, /artifacts]`, 1],
    [`args: [mlflow, server, --backend-store-uri, "${postgres}", --default-artifact-root, "s3://a/b"]`, 0],
    [`args: [mlflow, server, --backend-store-uri, "${postgres}", --default-artifact-root, "mlflow-artifacts:/"]`, 0],
    [`args: [mlflow, server, --backend-store-uri, "${postgres}", --default-artifact-root=./mlruns]`, 1],
    ["args: [mlflow, run, .]", 0],
    ['args: [server, --port, "80"]', 0],
  ])("with { %s } has %s findings", (more, expected) => {
    expect(asked(more)).toBe(expected);
  });

  it("is pointed at its arguments", () => {
    expect(said(pod("args: [mlflow, server]"), [durableTracking])).toEqual([
      "REP003 violation Pod/p spec.containers[0].args",
    ]);
  });
});

describe("REP004: a chart", () => {
  const release = (spec: string, type = "kubernetes:helm.sh/v3:Release") =>
    said(`apiVersion: plinth.dev/test\nkind: ${type}\nmetadata: { name: r }\nspec: { ${spec} }\n`, [chartsVisible]).map(
      (each) => each.split(" ").slice(1).join(" "),
    );
  const at = ["violation kubernetes:helm.sh:Release/r version"];

  it.each([
    ["chart: keda", at],
    ["chart: keda, version: 2.20.2", []],
    ["chart: keda, version: v1.19.0-rc.1", []],
    ['chart: keda, version: "^2.20"', at],
    ['chart: keda, version: "2"', at],
    ["chart: ./charts/own", []],
    ["chart: oci://ghcr.io/a/b", at],
    [`chart: "oci://ghcr.io/a/b@sha256:${"a".repeat(64)}"`, []],
    ["chart: keda, version: !unknown", ["undecided kubernetes:helm.sh:Release/r version"]],
  ])("{ %s }: %s", (spec, expected) => {
    expect(release(spec)).toEqual(expected);
  });

  it("of version 4 of the resource is judged too", () => {
    expect(release("chart: keda", "kubernetes:helm.sh/v4:Chart")).toHaveLength(1);
  });
});
