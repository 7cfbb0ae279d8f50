import { manifestGraph } from "../../../src/graph/manifests.js";
import { type Finding, judge } from "../../../src/policy/judge.js";
import type { Environment, Rule } from "../../../src/rules/index.js";
import type { KubeObject } from "../cluster/objects.js";
import type { Answer } from "./ask.js";

export interface Judged {
  readonly rules: readonly Rule[];
  readonly environment?: Environment | undefined;
  readonly parameters?: { readonly [rule: string]: unknown };
}

/** What is certain at preview about an object: its violations. */
export function violations(object: KubeObject, { rules, ...asked }: Judged): readonly Finding[] {
  const { graph } = manifestGraph([{ file: "object.yaml", text: JSON.stringify(object) }], "admission");
  return judge(graph, { rules, ...asked }).findings.filter(({ verdict }) => verdict === "violation");
}

/** Ids of rules, each once, sorted. */
export function idsOf(findings: readonly Pick<Finding, "rule">[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].sort();
}

/** What policies say: `{ rule, message }` of each; an error of a policy, such as a cost above the limit, is one of rule "". */
export function spoken({ warnings }: Answer): { readonly rule: string; readonly message: string }[] {
  return warnings
    .filter((warning) => warning.includes("ValidatingAdmissionPolicy"))
    .map((warning) => {
      const [, rule = "", message = warning] = /: ([A-Z]{3}\d+): (.*)$/s.exec(warning) ?? [];
      return { rule, message };
    });
}
