import { z } from "zod";
import { demand } from "../cloud.js";
import { defineGraphRule } from "../rule.js";
import { is, some } from "../truth.js";

/** IMG006: a registry keeps what a tag meant, and looks into what it keeps. */
export const registryImmutableScanned = defineGraphRule({
  id: "IMG006",
  name: "registry-immutable-scanned",
  pack: "images",
  severity: "medium",
  statement: "Image registries have immutable tags and scan what is pushed.",
  why: "Where a tag can be pushed again, the history of what was deployed is lost and a stolen credential can replace the image of a running service.",
  source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
  semantics:
    "An ECR repository (aws:ecr/repository:Repository) has imageTagMutability IMMUTABLE or IMMUTABLE_WITH_EXCLUSION (absent means MUTABLE) and imageScanningConfiguration.scanOnPush true, unless the program sets the scanning of the whole registry (aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration). An Artifact Registry repository with format DOCKER has dockerConfig.immutableTags true; remote and virtual ones, which hold no tags of their own, are not judged.",
  parameters: z.strictObject({}),
  bad: `apiVersion: plinth.dev/test
kind: aws:ecr/repository:Repository
metadata: { name: models }
spec:
  name: models
  imageScanningConfiguration: { scanOnPush: true }
`,
  good: `apiVersion: plinth.dev/test
kind: aws:ecr/repository:Repository
metadata: { name: models }
spec:
  name: models
  imageTagMutability: IMMUTABLE
  imageScanningConfiguration: { scanOnPush: true }
`,
  check: (view) => {
    const registryScans = view.ofType(/^aws:ecr\/registryScanningConfiguration:/).length > 0;
    const ecr = view.ofType(/^aws:ecr\/repository:Repository$/).flatMap((node) => [
      ...demand(
        node,
        ["imageTagMutability"],
        (value) => value === "IMMUTABLE" || value === "IMMUTABLE_WITH_EXCLUSION",
        (found) => `${found}; allowed are "IMMUTABLE" and "IMMUTABLE_WITH_EXCLUSION"`,
      ),
      ...demand(
        node,
        ["imageScanningConfiguration", "scanOnPush"],
        (value) => registryScans || value === true,
        (found) => `${found}; allowed is true`,
      ),
    ]);
    const artifactRegistry = view.ofType(/^gcp:artifactregistry\/repository:Repository$/).flatMap((node) =>
      demand(
        node,
        ["dockerConfig", "immutableTags"],
        (value) =>
          value === true ||
          node.inputs.format !== "DOCKER" ||
          some(["REMOTE_REPOSITORY", "VIRTUAL_REPOSITORY"], (mode) => is(node.inputs.mode, mode)),
        (found) => `${found}; allowed is true`,
      ),
    );
    return [...ecr, ...artifactRegistry];
  },
});
