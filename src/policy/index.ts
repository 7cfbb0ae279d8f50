/** `plinth/policy`: the rule catalogue, judging a graph by it, and the same rules as Pulumi policies. */
export { type Outcome, type Rule, rules, type Severity } from "../rules/index.js";
export { type Finding, type Findings, judge } from "./judge.js";
export { resourcePolicies } from "./pulumi.js";
