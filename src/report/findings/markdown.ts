import type { Finding, Findings } from "../../policy/judge.js";
import { code, details, escaped, table } from "../markdown-parts.js";
import { findingPlace, type ReportContext, resourceTitle } from "./place.js";
import { summary } from "./text.js";

/** Findings as GitHub Markdown, for a comment on a pull request: violations open, the rest behind a click. */
export function findingsMarkdown(findings: Findings, context: ReportContext): string {
  const of = (verdict: Finding["verdict"]) => findings.findings.filter((finding) => finding.verdict === verdict);
  const [violations, undecided, waived] = [of("violation"), of("undecided"), of("waived")];
  return `${[
    `### ${violations.length > 0 ? "Policy: violations" : "Policy: no violations"}`,
    `${escaped(summary(findings))}.`,
    ...(violations.length > 0
      ? [
          table(
            ["Severity", "Rule", "Resource", "Finding", "At"],
            violations.map((finding) => [finding.severity, ...cells(finding, context)]),
          ),
        ]
      : []),
    ...details(
      `Undecided before deployment: ${undecided.length}`,
      ["Rule", "Resource", "Finding", "At"],
      undecided.map((finding) => cells(finding, context)),
    ),
    ...details(
      `Waived: ${waived.length}`,
      ["Rule", "Resource", "Finding", "At", "Reason", "Until"],
      waived.map((finding) => [
        ...cells(finding, context),
        escaped(finding.waiver?.reason ?? ""),
        finding.waiver?.expires ?? "",
      ]),
    ),
  ].join("\n\n")}\n`;
}

function cells(finding: Finding, context: ReportContext): string[] {
  const place = findingPlace(finding, context);
  const where = finding.path === "" ? "" : `${code(finding.path)}<br>`;
  return [
    finding.rule,
    escaped(resourceTitle(finding.resource)),
    `${where}${escaped(finding.message)}`,
    code(place ? `${place.file}:${place.line}` : ""),
  ];
}
