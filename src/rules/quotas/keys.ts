import { z } from "zod";
import { acceleratorsParameter } from "../accelerators.js";
import { isAccelerator, not } from "../cel.js";
import { keysOf, plainAt } from "../paths.js";
import { defineObjectRule } from "../rule.js";

/** The name behind a prefix that does not belong there. */
const bare = '(key.startsWith("limits.") ? key.substring(7) : key)';

/** QTA002. */
export const quotaKeyValid = defineObjectRule({
  id: "QTA002",
  name: "quota-key-valid",
  pack: "quotas",
  severity: "high",
  statement: "Quotas of accelerators are named requests.<accelerator>.",
  why: "Extended resources cannot be overcommitted, so that quotas count only their requests: another key limits nothing, and nobody notices until the GPUs are gone.",
  source: "https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-for-extended-resources",
  semantics:
    "No key of spec.hard of a ResourceQuota is the name of an accelerator by itself or behind limits. Keys behind requests., of claims and of other resources are not judged.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  checks: [
    {
      each: "object",
      kinds: ["ResourceQuota"],
      within: { keys: "spec.hard" },
      when: '!key.startsWith("requests.")',
      expression: not(isAccelerator(bare)),
      path: "",
      message: `"the quota " + key + " limits nothing: accelerators are counted by requests." + ${bare}`,
    },
  ],
  bad: `apiVersion: v1
kind: ResourceQuota
metadata: { name: gpus, namespace: fraud }
spec: { hard: { limits.nvidia.com/gpu: 8 } }
`,
  good: `apiVersion: v1
kind: ResourceQuota
metadata: { name: gpus, namespace: fraud }
spec: { hard: { requests.nvidia.com/gpu: 8 } }
`,
  fix: (object, { path }) => {
    const keys = keysOf(path);
    const to = [...keys.slice(0, -1), `requests.${String(keys.at(-1)).replace(/^limits\./, "")}`];
    return plainAt(object, to) === undefined ? [{ op: "move", path: keys, to }] : [{ op: "remove", path: keys }];
  },
});
