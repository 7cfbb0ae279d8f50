import { clean } from "../../graph/describe.js";
import type { Finding, Findings } from "../../policy/judge.js";
import type { Rule } from "../../rules/index.js";
import { fingerprint } from "./fingerprint.js";
import { findingPlace, type ReportContext, resourceTitle } from "./place.js";

const levels: { readonly [severity in Finding["severity"]]: string } = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
};

/** Where GitHub puts an alert between critical and low; the middle of the ranges it documents for `security-severity`. */
const scores: { readonly [severity in Finding["severity"]]: string } = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "2.0",
};

/**
 * Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html). A violation has kind
 * `fail`, an undecided finding kind `open`, a waived one a suppression. Fingerprints do not change with lines.
 */
export function sarifReport(
  { findings }: Findings,
  rules: readonly Rule[],
  version: string,
  context: ReportContext,
): string {
  const used = rules.filter(({ id }) => findings.some(({ rule }) => rule === id));
  const sarif = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "plinth", semanticVersion: version, rules: used.map(descriptor) } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => result(finding, used, context)),
      },
    ],
  };
  return `${JSON.stringify(sarif, null, 2)}\n`;
}

function descriptor(rule: Rule): object {
  return {
    id: rule.id,
    name: rule.name,
    shortDescription: { text: rule.statement },
    fullDescription: { text: `${rule.statement} ${rule.why}` },
    help: { text: rule.semantics },
    helpUri: rule.source,
    defaultConfiguration: { level: levels[rule.severity] },
    properties: { tags: [rule.pack], "security-severity": scores[rule.severity] },
  };
}

function result(finding: Finding, rules: readonly Rule[], context: ReportContext): object {
  const { rule, verdict, severity, resource, path, message } = finding;
  const ruleIndex = rules.findIndex(({ id }) => id === rule);
  return {
    ruleId: rule,
    ...(ruleIndex >= 0 && { ruleIndex }),
    // "If kind has any value other than fail, then level shall be none" (§3.27.10).
    ...(verdict === "undecided" ? { kind: "open", level: "none" } : { kind: "fail", level: levels[severity] }),
    message: { text: clean(`${resourceTitle(resource)}: ${path === "" ? "" : `${path}: `}${message}`) },
    locations: [location(finding, context)],
    partialFingerprints: { "plinth/v1": fingerprint(finding) },
    ...(verdict === "waived" && {
      suppressions: [{ kind: "external", ...(finding.waiver && { justification: finding.waiver.reason }) }],
    }),
  };
}

function location(finding: Finding, context: ReportContext): object {
  const place = findingPlace(finding, context);
  return {
    ...(place && {
      physicalLocation: {
        artifactLocation: { uri: encodeURI(place.file), uriBaseId: "%SRCROOT%" },
        region: { startLine: place.line, ...(place.column !== undefined && { startColumn: place.column }) },
      },
    }),
    logicalLocations: [
      { fullyQualifiedName: finding.resource.urn, name: finding.resource.name, kind: "resource" },
      ...(finding.path === "" ? [] : [{ fullyQualifiedName: finding.path, kind: "property" }]),
    ],
  };
}
