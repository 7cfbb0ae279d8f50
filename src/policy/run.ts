import type { ResourceGraph } from "../graph/model.js";
import type { Severity } from "../rules/index.js";
import type { Policy } from "./config/resolve.js";
import type { Exemption } from "./config/schema.js";
import { countFindings, type Finding, type Findings, judge } from "./judge.js";
import { applyWaivers, matchesPattern, type Waiver } from "./waivers.js";

export interface CheckOptions {
  readonly policy: Policy;
  readonly waivers: readonly Waiver[];
  /** `2026-11-21`: decides which waivers have expired. */
  readonly today: string;
  /** Findings that are known already are left out. @default none */
  readonly isKnown?: (finding: Finding) => boolean;
  readonly secrets?: ReadonlyMap<string, unknown>;
}

/** Judges a graph as a policy says: exemptions, waivers and known findings applied. Pure. */
export function check(graph: ResourceGraph, options: CheckOptions): Findings {
  const { policy, waivers, today, isKnown = () => false, secrets } = options;
  const { rules, parameters, environment } = policy;
  const judged = judge(graph, { rules, parameters, environment, ...(secrets && { secrets }) });
  const counted = judged.findings.filter((finding) => !policy.exempt.some((exemption) => covers(exemption, finding)));
  const findings = applyWaivers(counted, waivers, today).filter((finding) => !isKnown(finding));
  return { ...judged, findings, summary: { ...judged.summary, ...countFindings(findings) } };
}

function covers({ namespace, kind, name, rules }: Exemption, { rule, resource }: Finding): boolean {
  return (
    (rules === undefined || rules.includes(rule)) &&
    (namespace === undefined || matchesPattern(namespace, resource.namespace ?? "")) &&
    (kind === undefined || kind === resource.kind) &&
    (name === undefined || matchesPattern(name, resource.name))
  );
}

const order: readonly Severity[] = ["low", "medium", "high", "critical"];

/** Whether findings fail a check: a violation at or above the severity, or anything undecided when that is an error. */
export function fails({ findings }: Findings, { failOn, undecided }: Pick<Policy, "failOn" | "undecided">): boolean {
  const atOrAbove = (severity: Severity) => order.indexOf(severity) >= order.indexOf(failOn);
  return findings.some(
    ({ verdict, severity }) =>
      (verdict === "violation" || (verdict === "undecided" && undecided === "error")) && atOrAbove(severity),
  );
}
