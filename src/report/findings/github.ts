import { clean } from "../../graph/describe.js";
import type { Finding, Findings } from "../../policy/judge.js";
import { findingPlace, type ReportContext, resourceTitle } from "./place.js";

const commands: { readonly [severity in Finding["severity"]]: string } = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "notice",
};

/**
 * Findings as workflow commands that GitHub Actions shows as annotations of lines
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands). Undecided ones are notices, waived
 * ones are left out.
 */
export function githubAnnotations({ findings }: Findings, context: ReportContext): string {
  return findings
    .filter(({ verdict }) => verdict !== "waived")
    .map((finding) => `${annotation(finding, context)}\n`)
    .join("");
}

function annotation(finding: Finding, context: ReportContext): string {
  const place = findingPlace(finding, context);
  const properties = [
    ...(place === undefined ? [] : [`file=${property(place.file)}`, `line=${place.line}`]),
    `title=${property(`${finding.rule} ${resourceTitle(finding.resource)}`)}`,
  ];
  const command = finding.verdict === "undecided" ? "notice" : commands[finding.severity];
  const path = finding.path === "" ? "" : `${finding.path}: `;
  return `::${command} ${properties.join(",")}::${data(clean(`${path}${finding.message}`))}`;
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(clean(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");
