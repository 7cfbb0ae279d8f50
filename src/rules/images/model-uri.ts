import { z } from "zod";
import { allOf, anyOf, has, metadataValue, not, SERVING_KINDS, text } from "../cel.js";
import { changed } from "../examples.js";
import { type Check, defineObjectRule } from "../rule.js";
import { hasDigest } from "./reference.js";
import { hasRevision, isHubName, isModelOption, isNamedAsModel, optionValue, PLACES, wordLists } from "./words.js";

/** Last or second last parts of an object's key that people move to the newest model. */
export const MUTABLE_SEGMENTS = ["latest", "main", "prod", "production", "current"] as const;

/** What a `models:/` URI of MLflow may be: a version's number, or the id of a logged model. */
const MLFLOW_PINNED = "^models:/([^/@]+/[0-9]+|m-[0-9a-f]{32})$";
const HUB_PINNED = "^hf://[^:@]+[:@][0-9a-f]{40}(/.*)?$";

/**
 * CEL: whether a URI names one model for good. The bucket is the third part of a split URI, so it is never taken for a
 * part of the key.
 */
export function isPinnedUri(uri: string): string {
  const isMutable = `[${uri}.lowerAscii().split("/").filter(s, s != "")].exists(s, (size(s) > 2 && s[size(s) - 1] in variables.config.mutableSegments) || (size(s) > 3 && s[size(s) - 2] in variables.config.mutableSegments))`;
  return `(${uri}.startsWith("hf://") ? ${uri}.matches(${text(HUB_PINNED)}) : ${uri}.startsWith("models:/") ? ${uri}.matches(${text(MLFLOW_PINNED)}) : ${uri}.startsWith("oci://") ? ${hasDigest(uri)} : (${uri}.startsWith("s3://") || ${uri}.startsWith("gs://")) ? (${uri}.contains("?versionId=") || ${uri}.contains("#") || !${isMutable}) : true)`;
}

/** CEL: whether a text begins as one of the URIs that can be pinned. Cheap: it comes before the search for the word before. */
const hasJudgedScheme = (value: string) =>
  anyOf(...["hf://", "models:/", "s3://", "gs://", "oci://"].map((scheme) => `${value}.startsWith(${text(scheme)})`));

/** Shorter than any text that is not meant as a URI or a name: scripts in arguments are not searched. */
const isShort = (value: string) => `size(${value}) < 1000`;

const says = (uri: string) =>
  `${uri} + " can become another model; allowed are a commit for hf:// (40 hexadecimal digits), a version number for models:/, a digest for oci:// and a key without " + variables.config.mutableSegments.join(", ") + " at its end"`;

/** The frameworks of KServe's older predictors, each with a `storageUri`. Source: CRD of KServe v0.18, `spec.predictor`. */
const FRAMEWORKS = "model huggingface lightgbm onnx paddle pmml pytorch sklearn tensorflow triton xgboost".split(" ");

/** Where custom resources name a model. Source: CRDs of KServe, Seldon Core 2 and Kubeflow Trainer (2026-08). */
const URI_FIELDS: { readonly [kind: string]: readonly string[] } = {
  InferenceService: FRAMEWORKS.map((framework) => `spec.predictor.${framework}.storageUri`),
  LLMInferenceService: ["spec.model.uri"],
  LLMInferenceServiceConfig: ["spec.model.uri"],
  LocalModelCache: ["spec.sourceModelUri"],
  LocalModelNamespaceCache: ["spec.sourceModelUri"],
  TrainedModel: ["spec.model.storageUri"],
  "mlops.seldon.io/Model": ["spec.storageUri"],
  TrainJob: ["spec.initializer.model.storageUri"],
};

const ofFields: readonly Check[] = Object.entries(URI_FIELDS).flatMap(([kind, paths]) =>
  paths.map((path) => ({
    each: "object" as const,
    kinds: [kind],
    when: has("object", path),
    expression: isPinnedUri(`object.${path}`),
    path,
    message: says(`object.${path}`),
  })),
);

/** Lists whose items name a model each. */
const ofLists: readonly Check[] = [
  ...FRAMEWORKS.map((framework) => ({
    kinds: ["InferenceService"],
    list: "spec.canary",
    path: `predictor.${framework}.storageUri`,
  })),
  { kinds: ["SeldonDeployment"], list: "spec.predictors", path: "graph.modelUri" },
  { kinds: ["InferenceService"], list: "spec.predictor.storageUris", path: "uri" },
].map(({ kinds, list, path }) => ({
  each: "object" as const,
  kinds,
  within: { list },
  when: has("item", path),
  expression: isPinnedUri(`item.${path}`),
  path,
  message: says(`item.${path}`),
}));

const isPinnedModel = (value: string) =>
  allOf(isPinnedUri(value), anyOf(not(isHubName(value)), hasRevision("container")));

const saysModel = (value: string) =>
  `${isHubName(value)} ? ${value} + " is the newest commit of a hub; allowed is --revision with a commit of 40 hexadecimal digits beside it" : ${says(value)}`;

const ofWords: readonly Check[] = wordLists.flatMap((list) => [
  {
    each: "container" as const,
    within: { list },
    when: allOf(isShort("item"), isModelOption("item")),
    expression: isPinnedModel(optionValue("item")),
    path: "",
    message: saysModel(optionValue("item")),
  },
  {
    each: "container" as const,
    within: { list },
    when: allOf(
      isShort("item"),
      anyOf(hasJudgedScheme("item"), isHubName("item")),
      isNamedAsModel("container", "item"),
    ),
    expression: isPinnedModel("item"),
    path: "",
    message: saysModel("item"),
  },
]);

const annotation = "plinth.dev/model-uri";
const ofAnnotations: readonly Check[] = [
  { each: "pod" as const, root: "pod" },
  { each: "object" as const, root: "object", kinds: SERVING_KINDS },
].map(({ each, root, ...kinds }) => ({
  each,
  ...kinds,
  expression: isPinnedUri(metadataValue(root, "annotations", annotation)),
  path: `metadata.annotations["${annotation}"]`,
  message: says(metadataValue(root, "annotations", annotation)),
}));

const good = `apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: { name: fraud, namespace: fraud }
spec:
  predictor:
    serviceAccountName: fraud
    automountServiceAccountToken: false
    securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
    model:
      modelFormat: { name: sklearn }
      storageUri: s3://models/fraud/42/
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;

/** IMG005: a model is named so that it cannot change. */
export const modelUriPinned = defineObjectRule({
  id: "IMG005",
  name: "model-uri-pinned",
  pack: "images",
  severity: "high",
  statement: "A model is named by a version that cannot change.",
  why: "A model behind `latest` or `Production` rolls itself out: the next pod that starts serves a model that nobody tested beside replicas that serve the old one.",
  source: "https://huggingface.co/docs/huggingface_hub/guides/download#from-specific-version",
  semantics: `Judged are KServe storageUri and model.uri, Seldon modelUri and storageUri, the model of a TrainJob's initializer, the annotation plinth.dev/model-uri, and --model, --model-id, --model_id, --model-path (with = or as the next word) and the word after \`serve\` in command and args. hf:// needs :revision or @revision with 40 hexadecimal digits; a bare hub name org/name in an option needs --revision (or --model_revision) with 40 hexadecimal digits in the same container; models:/name needs a version's number (a stage, latest or an @alias is a finding); s3:// and gs:// must not have one of \`mutableSegments\` as the last or second last part of the key, unless an object's version is named (?versionId=, #generation); oci:// needs a sha256 digest. Paths, pvc:// and https:// are not judged; of a command line the first ${PLACES} words are.`,
  parameters: z.strictObject({
    mutableSegments: z
      .array(z.string().min(1).lowercase())
      .default([...MUTABLE_SEGMENTS])
      .describe("Parts at the end of an object's key, in lower case, behind which another model can be put."),
  }),
  bad: changed(good, "fraud/42/", "fraud/latest/"),
  good,
  checks: [...ofFields, ...ofLists, ...ofWords, ...ofAnnotations],
});
