/** `plinth/policy`: the rule catalogue, judging a graph by it, and the same rules as Pulumi policies. */
export {
  type Check,
  type Environment,
  type GraphRule,
  type ObjectRule,
  type Outcome,
  type Rule,
  rules,
  type Severity,
} from "../rules/index.js";
export { type Finding, type Findings, type JudgeOptions, judge, type RuleError } from "./judge.js";
export { type PulumiPolicyOptions, resourcePolicies } from "./pulumi.js";
