import { z } from "zod";
import { anyOf, metadataValue } from "../cel.js";
import { changed, cpuPod } from "../examples.js";
import { keysOf } from "../paths.js";
import { defineObjectRule } from "../rule.js";

const NEEDS_TOKEN = "plinth.dev/needs-api-token";

/** SEC002: each workload is somebody of its own. */
export const ownIdentity = defineObjectRule({
  id: "SEC002",
  name: "own-identity",
  pack: "security",
  severity: "medium",
  statement: "Pods have a service account of their own and no token of the Kubernetes API that they do not need.",
  why: "Cloud roles are bound to service accounts: pods that share `default` share every permission one of them was given, and a token in a model server is what an attacker looks for first.",
  source:
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
  semantics:
    'Every pod names a service account (serviceAccountName, or the older serviceAccount) other than default, and sets automountServiceAccountToken to false on the pod itself; the annotation plinth.dev/needs-api-token: "true" on the pod lets the second part pass. What a ServiceAccount object says is not looked at, since it can be another\'s. Kinds whose operator makes the service account (no such field) are not judged.',
  parameters: z.strictObject({}),
  bad: changed(cpuPod, "  automountServiceAccountToken: false\n", ""),
  good: cpuPod,
  fix: (_, { path }) =>
    path.endsWith("automountServiceAccountToken") ? [{ op: "set", path: keysOf(path), value: false }] : [],
  checks: [
    {
      each: "pod",
      expression: anyOf(
        '(has(pod.spec.serviceAccountName) && !(pod.spec.serviceAccountName in ["", "default"]))',
        '(has(pod.spec.serviceAccount) && !(pod.spec.serviceAccount in ["", "default"]))',
      ),
      path: "spec.serviceAccountName",
      message: '"the pod runs as the service account default; allowed is a service account of its own"',
    },
    {
      each: "pod",
      expression: anyOf(
        "(has(pod.spec.automountServiceAccountToken) && !pod.spec.automountServiceAccountToken)",
        `${metadataValue("pod", "annotations", NEEDS_TOKEN)} == "true"`,
      ),
      path: "spec.automountServiceAccountToken",
      message: `"the pod gets a token of the Kubernetes API; allowed is automountServiceAccountToken: false, or the annotation ${NEEDS_TOKEN}: \\"true\\""`,
    },
  ],
});
