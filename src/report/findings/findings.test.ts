import { describe, expect, it } from "vitest";
import type { Finding, Findings } from "../../policy/judge.js";
import type { Rule } from "../../rules/index.js";
import { fingerprint } from "./fingerprint.js";
import { githubAnnotations } from "./github.js";
import { junitReport } from "./junit.js";
import { findingsMarkdown } from "./markdown.js";
import { sarifReport } from "./sarif.js";
import { findingsText } from "./text.js";

const resource = {
  urn: "urn:pulumi:dev::p::kubernetes:apps/v1:Deployment::web",
  kind: "Deployment",
  name: "web",
  namespace: "shop",
};
const violation: Finding = {
  rule: "IMG001",
  severity: "high",
  verdict: "violation",
  resource,
  path: "spec.image",
  message: 'nginx:1 <has> no "digest", 100%',
  source: { file: "src/index.ts", line: 12, column: 3 },
};
const undecided: Finding = { ...violation, verdict: "undecided", path: "spec.other", message: "not known" };
const waived: Finding = {
  rule: "GPU001",
  severity: "low",
  verdict: "waived",
  resource: { urn: "urn:pulumi:dev::p::a:b:C::pool", kind: "a:b:C", name: "pool" },
  path: "",
  message: "no taint",
  waiver: { reason: "old pool", expires: "2027-01-31" },
};
const findings: Findings = {
  version: 1,
  findings: [violation, undecided, waived],
  summary: {
    verdicts: { violation: 1, undecided: 1, waived: 1 },
    severities: { critical: 0, high: 1, medium: 0, low: 0 },
    resources: 7,
    rules: 3,
  },
};
const rule = (id: string, name: string): Rule =>
  ({
    id,
    name,
    pack: "images",
    severity: "high",
    statement: `${id} holds.`,
    why: "Else not.",
    source: "https://example.com/why",
    semantics: "Exactly.",
  }) as unknown as Rule;
const rules = [rule("IMG001", "digest-pinned"), rule("IMG002", "no-floating-tag"), rule("GPU001", "tolerate")];
const at = { folder: "examples/shop" };

describe("the text", () => {
  it("has findings under their resource with the line of the program, and the sums", () => {
    expect(findingsText(findings, at, { color: false, unicode: true })).toBe(
      `Deployment shop/web                                                    examples/shop/src/index.ts:12
  high       IMG001  spec.image: nginx:1 <has> no "digest", 100%
  undecided  IMG001  spec.other: not known

a:b:C pool
  waived     GPU001  no taint

1 violation (1 high), 1 undecided, 1 waived; 7 resources, 3 rules
`,
    );
  });

  it("of no findings is one line", () => {
    const none: Findings = {
      ...findings,
      findings: [],
      summary: {
        ...findings.summary,
        verdicts: { violation: 0, undecided: 0, waived: 0 },
        severities: { critical: 0, high: 0, medium: 0, low: 0 },
      },
    };
    expect(findingsText(none, {}, { color: false, unicode: true })).toBe("No violations; 7 resources, 3 rules\n");
  });
});

describe("GitHub annotations", () => {
  it("escape what would end a property or the line, and leave waived findings out", () => {
    const broken = { ...violation, message: "a\nb", source: { file: "a,b:c.ts", line: 1 } };
    expect(githubAnnotations({ ...findings, findings: [violation, undecided, waived, broken] }, at)).toBe(
      `::error file=examples/shop/src/index.ts,line=12,title=IMG001 Deployment shop/web::spec.image: nginx:1 <has> no "digest", 100%25
::notice file=examples/shop/src/index.ts,line=12,title=IMG001 Deployment shop/web::spec.other: not known
::error file=examples/shop/a%2Cb%3Ac.ts,line=1,title=IMG001 Deployment shop/web::spec.image: a\\u000ab
`,
    );
  });
});

describe("SARIF", () => {
  const [run] = JSON.parse(sarifReport(findings, rules, "1.2.3", at)).runs;

  it("describes only the rules that found something, and points at them", () => {
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(["IMG001", "GPU001"]);
    expect(
      run.results.map(({ ruleId, ruleIndex }: { ruleId: string; ruleIndex: number }) => [ruleId, ruleIndex]),
    ).toEqual([
      ["IMG001", 0],
      ["IMG001", 0],
      ["GPU001", 1],
    ]);
  });

  it("says fail, open and suppressed for the three verdicts", () => {
    const seen = run.results.map(({ kind, level, suppressions }: Record<string, unknown>) => [
      kind,
      level,
      suppressions,
    ]);
    expect(seen).toEqual([
      ["fail", "error", undefined],
      ["open", "none", undefined],
      ["fail", "note", [{ kind: "external", justification: "old pool" }]],
    ]);
  });

  it("has the line of the program, and the resource where no line is known", () => {
    expect(run.results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "examples/shop/src/index.ts", uriBaseId: "%SRCROOT%" },
      region: { startLine: 12, startColumn: 3 },
    });
    expect(run.results[2].locations).toEqual([
      { logicalLocations: [{ fullyQualifiedName: "urn:pulumi:dev::p::a:b:C::pool", name: "pool", kind: "resource" }] },
    ]);
  });
});

describe("a fingerprint", () => {
  it("is the same on another line, with other words and in another stack, and another for another place or rule", () => {
    const other = (urn: string) => ({ ...violation, message: "other", resource: { ...resource, urn } });
    expect(fingerprint(violation)).toMatch(/^[0-9a-f]{16}$/);
    expect(fingerprint(other("urn:pulumi:prod::p::kubernetes:apps/v1:Deployment::web"))).toBe(fingerprint(violation));
    const others = [
      undecided,
      { ...violation, rule: "IMG002" },
      other("urn:pulumi:dev::p::kubernetes:apps/v1:Deployment::x"),
    ];
    expect(new Set([violation, ...others].map(fingerprint)).size).toBe(4);
  });
});

describe("JUnit", () => {
  it("has a suite for each rule: failed, skipped and passed cases", () => {
    expect(junitReport(findings, rules)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="IMG001" tests="2" failures="1" errors="0" skipped="1" time="0">
    <testcase classname="IMG001" name="Deployment shop/web spec.image" time="0"><failure message="nginx:1 &#60;has&#62; no &#34;digest&#34;, 100%" type="high">nginx:1 &#60;has&#62; no &#34;digest&#34;, 100%</failure></testcase>
    <testcase classname="IMG001" name="Deployment shop/web spec.other" time="0"><skipped message="undecided: not known"/></testcase>
  </testsuite>
  <testsuite name="IMG002" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase classname="IMG002" name="IMG002 holds." time="0"/>
  </testsuite>
  <testsuite name="GPU001" tests="1" failures="0" errors="0" skipped="1" time="0">
    <testcase classname="GPU001" name="a:b:C pool" time="0"><skipped message="waived: no taint"/></testcase>
  </testsuite>
</testsuites>
`);
  });

  it("replaces characters that XML does not allow", () => {
    const report = junitReport({ ...findings, findings: [{ ...violation, message: "a\u0000\uD800b" }] }, []);
    expect(report).toContain('message="a\uFFFD\uFFFDb"');
  });
});

describe("the Markdown", () => {
  it("shows violations at once and hides the rest behind a click; nothing of a message is markup", () => {
    expect(findingsMarkdown(findings, at)).toBe(`### Policy: violations

1 violation (1 high), 1 undecided, 1 waived; 7 resources, 3 rules.

| Severity | Rule | Resource | Finding | At |
| --- | --- | --- | --- | --- |
| high | IMG001 | Deployment shop/web | <code>spec.image</code><br>nginx:1 &#60;has&#62; no "digest", 100% | <code>examples/shop/src/index.ts:12</code> |

<details><summary>Undecided before deployment: 1</summary>

| Rule | Resource | Finding | At |
| --- | --- | --- | --- |
| IMG001 | Deployment shop/web | <code>spec.other</code><br>not known | <code>examples/shop/src/index.ts:12</code> |

</details>

<details><summary>Waived: 1</summary>

| Rule | Resource | Finding | At | Reason | Until |
| --- | --- | --- | --- | --- | --- |
| GPU001 | a:b:C pool | no taint |  | old pool | 2027-01-31 |

</details>
`);
  });
});
