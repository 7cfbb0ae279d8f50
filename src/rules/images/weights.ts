import { z } from "zod";
import { acceleratorsParameter } from "../accelerators.js";
import { allOf, anyOf, asksForAccelerator, has, not, SERVING_KINDS, someIn, text } from "../cel.js";
import { changed, gpuServer } from "../examples.js";
import { defineObjectRule } from "../rule.js";
import { isHubName, isModelOption, isNamedAsModel, words } from "./words.js";

/** Volumes that bring no weights: settings, credentials and memory. */
const bringsNoWeights = anyOf(
  ...["configMap", "secret", "projected", "downwardAPI"].map((source) => `has(v.${source})`),
  allOf(has("v", "emptyDir.medium"), 'v.emptyDir.medium == "Memory"'),
);

/** A mount without a volume of its name in the pod is of a claim template or of what an operator adds. */
const mountsWeights = someIn(
  "container",
  "volumeMounts",
  "m",
  not(someIn("pod", "spec.volumes", "v", allOf("v.name == m.name", bringsNoWeights))),
);

const hasModelUri = (value: string) =>
  allOf(`${value}.contains("://")`, `${value}.matches(${text("(s3|gs|hf|https|oci|pvc)://")})`);

const namesModel = anyOf(
  `${words("container")}.exists(w, ${anyOf(hasModelUri("w"), isModelOption("w"), allOf(isHubName("w"), isNamedAsModel("container", "w")))})`,
  someIn("container", "env", "e", allOf("has(e.value)", hasModelUri("e.value"))),
);

/** Fields of serving resources that say where the model comes from. */
const declaresModel = anyOf(
  "has(container.storageUri)",
  "has(container.storage)",
  has("object", "spec.model"),
  has("object", "spec.storage"),
  has("object", "spec.predictor.model.storageUri"),
  has("object", "spec.predictor.model.storage"),
  has("object", "spec.predictor.storageUris"),
  someIn("object", "spec.predictors", "p", has("p", "graph.modelUri")),
);

/** IMG004: a model is not a part of an image. */
export const weightsNotInImage = defineObjectRule({
  id: "IMG004",
  name: "weights-not-in-image",
  pack: "images",
  severity: "medium",
  statement: "A GPU server takes its model from a volume or a URI, not from its image.",
  why: "Weights in an image make every start pull tens of gigabytes, and a new model is a new image that nobody can tell from a change of code.",
  source: "https://kserve.github.io/website/docs/model-serving/storage/overview",
  semantics:
    "In serving kinds, every main container that asks for an accelerator either mounts a volume that can hold weights (anything but configMap, secret, projected, downwardAPI and an emptyDir in memory), or has in its command, arguments or literal environment a model URI (s3, gs, hf, https, oci, pvc) or an option --model, --model-id or --model-path (also the word after `serve`, where it is a name of the Hugging Face hub), or belongs to an object that names its model (KServe storageUri, storage or spec.model, Seldon modelUri, NIM storage). What is inside the image is not looked at.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  bad: changed(
    changed(
      gpuServer,
      "          volumeMounts:\n            - { name: models, mountPath: /models, readOnly: true }\n",
      "",
    ),
    "      volumes:\n        - name: models\n          persistentVolumeClaim: { claimName: models, readOnly: true }\n",
    "",
  ),
  good: gpuServer,
  checks: [
    {
      each: "container",
      kinds: SERVING_KINDS,
      when: allOf('list == "containers"', asksForAccelerator("container")),
      expression: anyOf(declaresModel, mountsWeights, namesModel),
      path: "volumeMounts",
      message: `"the GPU container" + (has(container.name) ? " " + container.name : "") + " names no model; allowed is a mounted volume, a model URI or --model"`,
    },
  ],
});
