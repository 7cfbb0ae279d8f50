import { clean } from "../../graph/describe.js";
import type { Finding, Findings } from "../../policy/judge.js";
import { groupBy, plural } from "../facts.js";
import { columns, paint, severityColor, type TextStyle, wrap } from "../text.js";
import { findingPlace, type ReportContext, resourceTitle } from "./place.js";

/** What `plinth check` prints: findings under their resource, with the line of the program, then the sums. */
export function findingsText(findings: Findings, context: ReportContext, style: TextStyle): string {
  const groups = [...groupBy(findings.findings, ({ resource }) => resource.urn).values()];
  return [...groups.map((group) => `${groupLines(group, context, style).join("\n")}\n`), `${summary(findings)}\n`].join(
    "\n",
  );
}

function groupLines(group: readonly Finding[], context: ReportContext, style: TextStyle): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const title = clean(resourceTitle(first.resource));
  const place = findingPlace(first, context);
  const at = place === undefined ? "" : clean(`${place.file}:${place.line}`);
  const gap = " ".repeat(Math.max(2, columns - title.length - at.length));
  return [
    `${paint(style, "bold", title)}${at === "" ? "" : gap + paint(style, "dim", at)}`,
    ...group.flatMap((finding) => findingLines(finding, style)),
  ];
}

function findingLines(finding: Finding, style: TextStyle): string[] {
  const { verdict, severity, rule, path, message } = finding;
  const word = verdict === "violation" ? severity : verdict;
  const color = verdict === "violation" ? severityColor[severity] : "dim";
  const margin = `  ${word.padEnd(9)}  ${rule.padEnd(6)}  `;
  const rest = " ".repeat(margin.length);
  const lines = wrap(clean(`${path === "" ? "" : `${path}: `}${message}`), margin, rest);
  return lines.map((line, index) => (index === 0 ? line.replace(word, paint(style, color, word)) : line));
}

/** `2 violations (1 high, 1 low), 1 undecided; 12 resources, 60 rules`. */
export function summary({ summary: { verdicts, severities, resources, rules } }: Findings): string {
  const counts = Object.entries(severities).flatMap(([severity, count]) => (count > 0 ? [`${count} ${severity}`] : []));
  const rest = (["undecided", "waived"] as const).flatMap((verdict) =>
    verdicts[verdict] > 0 ? [`${verdicts[verdict]} ${verdict}`] : [],
  );
  const violations = verdicts.violation === 0 ? "No violations" : plural(verdicts.violation, "violation");
  return `${[`${violations}${counts.length > 0 ? ` (${counts.join(", ")})` : ""}`, ...rest].join(", ")}; ${plural(resources, "resource")}, ${plural(rules, "rule")}`;
}
