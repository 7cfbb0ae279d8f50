import { z } from "zod";
import { allOf, anyOf, nameOf, not, text } from "../cel.js";
import { cpuPod } from "../examples.js";
import { defineObjectRule } from "../rule.js";

/**
 * Names of environment variables that hold secrets, as regular expressions on the name in lower case. The first covers
 * HF_TOKEN, HUGGING_FACE_HUB_TOKEN, WANDB_API_KEY, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, NGC_API_KEY,
 * MLFLOW_TRACKING_PASSWORD and OPENAI_API_KEY.
 *
 * Sources (2026-08): https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables,
 * https://docs.wandb.ai/guides/track/environment-variables/,
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html,
 * https://mlflow.org/docs/latest/ml/auth/, https://docs.nvidia.com/ngc/latest/ngc-user-guide.html.
 */
export const SECRET_NAMES = ["(password|passwd|secret|token|api_?key|access_?key|credential|private_?key)$"] as const;

/**
 * Names of the tokens of a vocabulary, such as EOS_TOKEN, which are no secrets: the special tokens of
 * https://huggingface.co/docs/transformers/main_classes/tokenizer.
 */
const VOCABULARY = "(^|_)(bos|eos|unk|sep|pad|cls|mask)_token$";

const isRegex = (source: string) => {
  try {
    new RegExp(source);
    return !/\(\?(?!:)|\\[1-9]/.test(source);
  } catch {
    return false;
  }
};

/** SEC006: no secret in a manifest. */
export const secretsNotInEnv = defineObjectRule({
  id: "SEC006",
  name: "secrets-not-in-env",
  pack: "security",
  severity: "high",
  statement: "Secrets reach containers by reference, not as text in their environment.",
  why: "Text in a pod's environment can be read by everyone who may see the pod, in every backup of the cluster and in git; changing it means deploying again.",
  source: "https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables",
  semantics:
    "An entry of env of any container whose name, in lower case, matches one of `names` has no literal value: valueFrom passes, an empty value passes, and so does a value that is $(OTHER_VARIABLE). Names that end in _FILE or _PATH name a place and pass, and so do those of the special tokens of a tokenizer (EOS_TOKEN, PAD_TOKEN and their like). A value that is a secret of the Pulumi program is a finding too: it lands in the pod in clear text. Files, arguments and envFrom are not looked at. The value is never printed.",
  parameters: z.strictObject({
    names: z
      .array(
        z
          .string()
          .min(1)
          .refine(isRegex, "must be a regular expression as RE2 has it: no lookaround, no back references"),
      )
      .default([...SECRET_NAMES])
      .describe("Regular expressions that find names of secrets; the name is put in lower case first."),
  }),
  bad: `${cpuPod}      env: [{ name: HF_TOKEN, value: hf_not_a_real_one }]\n`,
  good: `${cpuPod}      env: [{ name: HF_TOKEN, valueFrom: { secretKeyRef: { name: hub, key: token } } }]\n`,
  checks: [
    {
      each: "container",
      within: { list: "env" },
      when: allOf(
        "has(item.value)",
        "has(item.name)",
        "size(item.name) < 256",
        not('item.name.endsWith("_FILE") || item.name.endsWith("_PATH")'),
        "variables.config.names.exists(n, item.name.lowerAscii().matches(n))",
        not(`item.name.lowerAscii().matches(${text(VOCABULARY)})`),
      ),
      expression: anyOf('item.value == ""', 'item.value.matches("^[$][(][A-Za-z_][A-Za-z0-9_.-]*[)]$")'),
      path: "value",
      message: `${nameOf("container")} + ": " + item.name + " has its value in the manifest; allowed is valueFrom.secretKeyRef"`,
    },
  ],
});
