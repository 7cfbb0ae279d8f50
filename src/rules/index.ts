import { costRules } from "./cost.js";
import { data } from "./data/index.js";
import { gpuRules } from "./gpu/index.js";
import { images } from "./images/index.js";
import { quotaRules } from "./quotas/index.js";
import { reliability } from "./reliability/index.js";
import { reproducibilityRules } from "./reproducibility.js";
import { rolloutRules } from "./rollout/index.js";
import type { Rule } from "./rule.js";
import { security } from "./security/index.js";

export {
  type Check,
  defineGraphRule,
  defineObjectRule,
  type Environment,
  type Fix,
  type GraphOutcome,
  type GraphRule,
  type ObjectRule,
  type Outcome,
  type Pack,
  type Patch,
  type Rule,
  type Severity,
} from "./rule.js";

/** The rule catalogue, pack by pack, in the order of ids. */
export const rules: readonly Rule[] = [
  ...gpuRules,
  ...quotaRules,
  ...images,
  ...rolloutRules,
  ...reliability,
  ...security,
  ...data,
  ...costRules,
  ...reproducibilityRules,
];
