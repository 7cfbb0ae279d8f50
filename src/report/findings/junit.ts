import type { Finding, Findings } from "../../policy/judge.js";
import type { Rule } from "../../rules/index.js";
import { groupBy } from "../facts.js";
import { resourceTitle } from "./place.js";

/**
 * Findings as a JUnit report (the schema of the Apache Ant task that CI servers read): a suite for each rule, a failed
 * case for each violation, a skipped one for what is undecided or waived, and one passed case for a rule without any.
 */
export function junitReport({ findings }: Findings, rules: readonly Rule[]): string {
  const byRule = groupBy(findings, ({ rule }) => rule);
  // A finding of no rule of the catalogue, such as an expired waiver, has a suite of its own.
  const ids = [...new Set([...rules.map(({ id }) => id), ...byRule.keys()])];
  const suites = ids.map((id) =>
    suite(
      id,
      rules.find((rule) => rule.id === id),
      byRule.get(id) ?? [],
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}</testsuites>\n`;
}

function suite(id: string, rule: Rule | undefined, findings: readonly Finding[]): string {
  const failures = findings.filter(({ verdict }) => verdict === "violation").length;
  const counts = `tests="${Math.max(1, findings.length)}" failures="${failures}" errors="0" skipped="${findings.length - failures}"`;
  const cases = findings.map((finding) => testCase(finding));
  const passed = `    <testcase classname="${xml(id)}" name="${xml(rule?.statement ?? id)}" time="0"/>\n`;
  return `  <testsuite name="${xml(id)}" ${counts} time="0">\n${cases.length > 0 ? cases.join("") : passed}  </testsuite>\n`;
}

function testCase({ rule, verdict, severity, resource, path, message }: Finding): string {
  const name = `${resourceTitle(resource)}${path === "" ? "" : ` ${path}`}`;
  const text = xml(message);
  const outcome =
    verdict === "violation"
      ? `<failure message="${text}" type="${severity}">${text}</failure>`
      : `<skipped message="${xml(`${verdict}: ${message}`)}"/>`;
  return `    <testcase classname="${xml(rule)}" name="${xml(name)}" time="0">${outcome}</testcase>\n`;
}

/** Characters that XML 1.0 does not allow at all are replaced; a message may quote what a manifest has. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD")
    .replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.codePointAt(0)};`);
}
