import { z } from "zod";
import { acceleratorsParameter } from "./accelerators.js";
import { allOf, anyOf, has, inProduction, isGpuPod, nameOf, not, SERVING_KINDS, text, texts } from "./cel.js";
import { changed, cpuPod, gpuJob, gpuServer } from "./examples.js";
import { isPinnedUri, MUTABLE_SEGMENTS } from "./images/model-uri.js";
import { words } from "./images/words.js";
import { told } from "./outcomes.js";
import { type Check, defineGraphRule, defineObjectRule, type Rule } from "./rule.js";
import { either, given, read } from "./truth.js";

/** Annotations that say which model a pod serves. */
const PROVENANCE_KEYS = ["plinth.dev/model-version", "plinth.dev/model-digest"] as const;

const hasAnnotation = (key: string) =>
  allOf(
    has("pod", "metadata.annotations"),
    `${key} in pod.metadata.annotations`,
    `pod.metadata.annotations[${key}] != ""`,
  );

/** REP001. */
export const provenance = defineObjectRule({
  id: "REP001",
  name: "provenance",
  pack: "reproducibility",
  severity: "medium",
  statement: "In production a serving pod says which model it serves.",
  why: "When predictions go wrong, the first question is which model answered. An image and a start time do not tell; what the pod carries, logs and metrics carry too.",
  source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
  semantics:
    "In production only. Pods of serving kinds with a container that asks for an accelerator have the annotations of keys, with a value. One finding for each of the default keys, one for the others together.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    keys: z
      .array(z.string().min(1))
      .default([...PROVENANCE_KEYS])
      .describe("Annotations that a serving pod must have."),
  }),
  checks: [
    ...PROVENANCE_KEYS.map(
      (key): Check => ({
        each: "pod",
        kinds: SERVING_KINDS,
        when: allOf(inProduction, `${text(key)} in variables.config.keys`, isGpuPod("pod")),
        expression: hasAnnotation(text(key)),
        path: `metadata.annotations[${text(key)}]`,
        message: text(`the pod has no annotation ${key}, so that nobody can tell which model it serves`),
      }),
    ),
    {
      each: "pod",
      kinds: SERVING_KINDS,
      when: allOf(inProduction, isGpuPod("pod")),
      expression: `variables.config.keys.all(k, k in ${texts(PROVENANCE_KEYS)} || ${hasAnnotation("k")})`,
      path: "metadata.annotations",
      message: '"the pod does not have all of the annotations " + variables.config.keys.join(", ")',
    },
  ],
  bad: changed(gpuServer, `        plinth.dev/model-version: "42"\n`, ""),
  good: gpuServer,
});

/** Whether a text is a URI of something that can change behind its name; templates are filled in later. */
function isInputUri(value: string): string {
  return allOf(`type(${value}) == string`, `${value}.matches("^(s3|gs|hf)://|^models:/")`, `!${value}.contains("{{")`);
}

const saysInput = (value: string) =>
  `${value} + " can become something else; allowed are a key without " + variables.config.mutableSegments.join(", ") + " at its end, a version number for models:/ and a commit for hf://"`;

/** What stands behind an option's `=`, or the whole word. */
const wordValue = '(item.startsWith("-") && item.contains("=") ? item.substring(item.indexOf("=") + 1) : item)';

/** Where each kind of workflow keeps its arguments. */
const ARGUMENTS = {
  Workflow: "spec.arguments.parameters",
  WorkflowTemplate: "spec.arguments.parameters",
  ClusterWorkflowTemplate: "spec.arguments.parameters",
  CronWorkflow: "spec.workflowSpec.arguments.parameters",
} as const;

const TRAINING_KINDS = ["TrainJob", "PyTorchJob", "TFJob", "MPIJob", "JAXJob", "XGBoostJob", "PaddleJob"];

/** REP002. */
export const pipelineInputsPinned = defineObjectRule({
  id: "REP002",
  name: "pipeline-inputs-pinned",
  pack: "reproducibility",
  severity: "medium",
  statement: "What a pipeline reads is named by a version that cannot change.",
  why: "A run that reads `latest` cannot be repeated: the same workflow gives another model next week, and nobody can say why.",
  source: "https://argo-workflows.readthedocs.io/en/stable/walk-through/parameters/",
  semantics:
    "Values of spec.arguments.parameters of Argo workflows and templates, and words (and the part after = of options) in args of a TrainJob or a Kubeflow training job, that begin with s3://, gs://, hf:// or models:/ are pinned as IMG005 says. Values with {{ }} are filled in later and not judged.",
  parameters: z.strictObject({
    mutableSegments: z
      .array(z.string().min(1).lowercase())
      .default([...MUTABLE_SEGMENTS])
      .describe("Parts at the end of an object's key, in lower case, behind which something else can be put."),
  }),
  checks: [
    ...Object.entries(ARGUMENTS).map(
      ([kind, list]): Check => ({
        each: "object",
        kinds: [`argoproj.io/${kind}`],
        within: { list },
        when: allOf("has(item.value)", isInputUri("item.value")),
        expression: isPinnedUri("item.value"),
        path: "value",
        message: saysInput("item.value"),
      }),
    ),
    {
      each: "container",
      kinds: TRAINING_KINDS,
      within: { list: "args" },
      when: allOf("type(item) == string", "size(item) < 1000", isInputUri(wordValue)),
      expression: isPinnedUri(wordValue),
      path: "",
      message: saysInput(wordValue),
    },
  ],
  bad: workflow("latest"),
  good: workflow("2026-08-01"),
});

function workflow(version: string): string {
  const spec = gpuJob.slice(gpuJob.indexOf("          image:"), gpuJob.indexOf("---"));
  const image = /image: (\S+)/.exec(spec)?.[1] ?? "";
  return `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: { name: retrain, namespace: fraud }
spec:
  entrypoint: train
  serviceAccountName: train
  automountServiceAccountToken: false
  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
  arguments:
    parameters:
      - { name: data, value: s3://datasets/fraud/${version}/train.parquet }
  templates:
    - name: train
      container:
        name: train
        image: ${image}
        args: [python, train.py]
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;
}

/** The words of a container as one line: a shell's command is one word with several in it. */
const line = `${words("container")}.join(" ")`;
const isTracker = allOf(
  `${line}.matches("(^|[\\\\s/])mlflow(\\\\s|$)")`,
  `${line}.matches("(^|\\\\s)server(\\\\s|$)")`,
);

/** Whether an option is in the line, and whether its value is durable: a URI that is no file, or a variable of the shell. */
function option(names: string) {
  return {
    isSet: `${line}.matches("--(${names})[=\\\\s]")`,
    isDurable: allOf(
      `${line}.matches("--(${names})[=\\\\s]+[\\"']?([A-Za-z][A-Za-z0-9+.-]*:/|[$])")`,
      `!${line}.matches("--(${names})[=\\\\s]+[\\"']?(sqlite|file)[A-Za-z+]*:")`,
    ),
  };
}

const backend = option("backend-store-uri");
const artifacts = option("artifacts-destination|default-artifact-root");
const isDurableValue = '(e.value.contains("://") && !e.value.startsWith("sqlite") && !e.value.startsWith("file:"))';
const backendFromEnvironment = anyOf(
  "has(container.envFrom)",
  allOf(
    "has(container.env)",
    `container.env.exists(e, has(e.name) && e.name == "MLFLOW_BACKEND_STORE_URI" && (has(e.valueFrom) || (has(e.value) && ${isDurableValue})))`,
  ),
);

/** REP003. */
export const durableTracking = defineObjectRule({
  id: "REP003",
  name: "durable-tracking",
  pack: "reproducibility",
  severity: "high",
  statement: "The tracking server keeps runs in a database and artifacts in object storage.",
  why: "A pod's disk goes with the pod: one eviction, and every run, metric and registered model is gone, with the proof of what production serves.",
  source: "https://mlflow.org/docs/latest/self-hosting/architecture/backend-store/",
  semantics:
    "Judged are containers whose command and args have the words mlflow and server. --backend-store-uri, or without it MLFLOW_BACKEND_STORE_URI in the environment, is a URI that is neither sqlite: nor file:; without both the server writes to its own disk. Variables of the shell, values from Secrets and envFrom are not looked into. --artifacts-destination and --default-artifact-root, where given, are URIs that are not file:.",
  parameters: z.strictObject({}),
  checks: [
    {
      each: "container",
      when: isTracker,
      expression: `(${backend.isSet} ? ${backend.isDurable} : ${backendFromEnvironment})`,
      path: "args",
      message: `${nameOf("container")} + " keeps the runs of MLflow on its own disk; --backend-store-uri must name a database server"`,
    },
    {
      each: "container",
      when: isTracker,
      expression: anyOf(not(artifacts.isSet), artifacts.isDurable),
      path: "args",
      message: `${nameOf("container")} + " keeps the artifacts of MLflow on its own disk; --artifacts-destination must name an object store"`,
    },
  ],
  bad: tracker("sqlite:///mlflow.db"),
  good: tracker("postgresql://mlflow@db.fraud:5432/mlflow"),
});

function tracker(backendUri: string): string {
  return changed(
    cpuPod,
    "    - name: web\n",
    `    - name: web
      args: [mlflow, server, --backend-store-uri, "${backendUri}", --artifacts-destination, "s3://artifacts/mlflow"]
`,
  );
}

/** One version and nothing else: ranges such as ^1.2 or 1.x move. */
const EXACT = /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;

/** REP004. */
export const chartsVisible = defineGraphRule({
  id: "REP004",
  name: "charts-visible",
  pack: "reproducibility",
  severity: "medium",
  statement: "A Helm chart is named with its version.",
  why: "Without a version each deployment takes the newest chart: a change of one replica upgrades the operator too.",
  source: "https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v4/chart/",
  semantics:
    "version of a Helm Release or Chart is one exact version, not a range. Charts from a local folder or file, and OCI references with a digest, need none.",
  parameters: z.strictObject({}),
  check: (view) =>
    view.ofType(/^kubernetes:helm\.sh\/v[34]:(Release|Chart)$/).flatMap((node) => {
      const { chart, version } = node.inputs;
      const isLocal = given(chart, (known) =>
        typeof known === "string"
          ? /^[./]|\.tgz$|@sha256:[0-9a-f]{64}$/.test(known) && !/^https?:/.test(known)
          : read(known, ["$asset"]) !== undefined || read(node.inputs, ["path"]) !== undefined,
      );
      const isExact = given(version, (known) => typeof known === "string" && EXACT.test(known));
      const said = typeof version === "string" ? `version ${version}, which is not one exact version` : "no version";
      return told(
        node,
        "version",
        either(isLocal, isExact),
        `the chart ${typeof chart === "string" ? chart : node.name} is named with ${said}`,
      );
    }),
  bad: release(""),
  good: release('  version: "2.20.2"\n'),
});

function release(version: string): string {
  return `apiVersion: plinth.dev/test
kind: kubernetes:helm.sh/v3:Release
metadata: { name: keda }
spec:
  chart: keda
${version}  repositoryOpts: { repo: "https://kedacore.github.io/charts" }
`;
}

/** REP001 to REP004: that a run can be repeated and a model traced. */
export const reproducibilityRules: readonly Rule[] = [provenance, pipelineInputsPinned, durableTracking, chartsVisible];
