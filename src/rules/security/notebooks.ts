import { z } from "zod";
import { demand, demandSet, type Keys } from "../cloud.js";
import { defineGraphRule } from "../rule.js";

/** What a notebook must say: a value, or any (`set`). */
interface Requirement {
  readonly keys: Keys;
  readonly value: string | boolean;
}

/** Sources (2026-08): https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html, https://cloud.google.com/vertex-ai/docs/workbench/instances/create. */
const REQUIREMENTS: { readonly [type: string]: readonly Requirement[] } = {
  "aws:sagemaker/notebookInstance:NotebookInstance": [
    { keys: ["rootAccess"], value: "Disabled" },
    { keys: ["directInternetAccess"], value: "Disabled" },
    { keys: ["subnetId"], value: "set" },
    { keys: ["kmsKeyId"], value: "set" },
  ],
  "gcp:workbench/instance:Instance": [{ keys: ["gceSetup", "disablePublicIp"], value: true }],
};

const good = `apiVersion: plinth.dev/test
kind: aws:sagemaker/notebookInstance:NotebookInstance
metadata: { name: lab }
spec:
  instanceType: ml.g5.xlarge
  rootAccess: Disabled
  directInternetAccess: Disabled
  subnetId: subnet-0a1b2c3d
  kmsKeyId: alias/notebooks
`;

/** SEC008: notebooks are no way around the rest. */
export const notebookLocked = defineGraphRule({
  id: "SEC008",
  name: "notebook-locked",
  pack: "security",
  severity: "medium",
  statement: "Notebooks have no root, no way of their own to the internet, and an encrypted disk.",
  why: "A notebook has a person's data and a role, and runs whatever is pasted into it: with root and the open internet it is the easiest way to carry data out.",
  source: "https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html",
  semantics:
    "An aws:sagemaker/notebookInstance:NotebookInstance has rootAccess Disabled and directInternetAccess Disabled (both are enabled when absent), and subnetId and kmsKeyId set; a value that is known only after deployment counts as set. A gcp:workbench/instance:Instance has gceSetup.disablePublicIp true. One finding for each field. SageMaker domains are not judged.",
  parameters: z.strictObject({}),
  bad: good.replace("  rootAccess: Disabled\n", ""),
  good,
  check: (view) =>
    view.nodes.flatMap((node) =>
      (REQUIREMENTS[node.type] ?? []).flatMap(({ keys, value }) =>
        value === "set"
          ? demandSet(node, keys)
          : demand(
              node,
              keys,
              (found) => found === value,
              (found) => `${found}; allowed is ${JSON.stringify(value)}`,
            ),
      ),
    ),
});
