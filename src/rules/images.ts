import type { ResourceNode } from "../graph/model.js";
import { isPlainObject, isSecret, unknownPlace } from "../graph/values.js";
import { type Container, containers, podKinds } from "./pods.js";
import type { Outcome, Rule } from "./rule.js";

const digest = /@sha256:[0-9a-f]{64}$/;

/** IMG001: images are pinned by digest. */
export const digestPinned: Rule = {
  id: "IMG001",
  pack: "images",
  severity: "high",
  statement: "Every container image is pinned by its sha256 digest.",
  why: "A tag can be moved: the same manifest then runs other code tomorrow, on some nodes only, and no rollback brings the old one back.",
  source: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  bad: `apiVersion: v1
kind: Pod
metadata: { name: model }
spec:
  containers:
    - name: server
      image: nvcr.io/nvidia/tritonserver:26.06-py3
`,
  good: `apiVersion: v1
kind: Pod
metadata: { name: model }
spec:
  containers:
    - name: server
      image: nvcr.io/nvidia/tritonserver:26.06-py3@sha256:a40838bb4587d2aceb46b1e7fd144afb24c9016c219dd3eba31716e4e28dbfc7
`,
  kinds: podKinds,
  check: (node: ResourceNode) => containers(node).flatMap(checkContainer),
};

function checkContainer({ path, value }: Container): Outcome[] {
  if (!isPlainObject(value)) return isSecret(value) || unknownPlace(value) ? [undecided(path)] : [];
  const { image } = value;
  const at = `${path}.image`;
  if (isSecret(image) || unknownPlace(image) !== undefined) return [undecided(at)];
  if (typeof image !== "string" || image === "") {
    return [{ verdict: "violation", path: at, message: "the container names no image" }];
  }
  if (digest.test(image)) return [];
  return [{ verdict: "violation", path: at, message: `${image} has no sha256 digest` }];
}

function undecided(path: string): Outcome {
  return { verdict: "undecided", path, message: "the image is not known before deployment" };
}
