import fc from "fast-check";
import { describe, expect, it, test as property } from "vitest";
import type { Finding } from "./judge.js";
import { applyWaivers, matchesPattern, type Waiver } from "./waivers.js";

const finding: Finding = {
  rule: "IMG001",
  severity: "high",
  verdict: "violation",
  resource: {
    urn: "urn:pulumi:dev::p::kubernetes:apps/v1:Deployment::web",
    kind: "Deployment",
    name: "web",
    namespace: "shop",
  },
  path: "spec.template.spec.containers[0].image",
  message: "nginx:1 has no sha256 digest",
};
const waiver: Waiver = { rule: "IMG001", resource: "Deployment/shop/web", reason: "mirrored", expires: "2026-12-31" };
const verdicts = (waivers: readonly Waiver[], today = "2026-11-21") =>
  applyWaivers([finding], waivers, today).map(({ rule, verdict }) => `${rule} ${verdict}`);

describe("a waiver", () => {
  it("turns the finding into a waived one that carries reason and expiry", () => {
    expect(applyWaivers([finding], [waiver], "2026-11-21")).toEqual([
      { ...finding, verdict: "waived", waiver: { reason: "mirrored", expires: "2026-12-31" } },
    ]);
  });

  it.each([
    "Deployment/web",
    "Deployment/shop/web",
    "Deployment/*/web",
    "*",
    "urn:pulumi:dev::p::kubernetes:apps/v1:Deployment::web",
    "urn:pulumi:*::web",
  ])("names the resource as %s", (resource) => {
    expect(verdicts([{ ...waiver, resource }])).toEqual(["IMG001 waived"]);
  });

  it.each(["Deployment/other/web", "StatefulSet/web", "web", "deployment/web", "Deployment/we"])(
    "for %s leaves the finding, and is itself reported as unused",
    (resource) => {
      expect(verdicts([{ ...waiver, resource }])).toEqual(["IMG001 violation", "WAIVER002 violation"]);
    },
  );

  it("of a path covers what is below it and nothing beside it", () => {
    const at = (path: string) => verdicts([{ ...waiver, path }])[0];
    expect(at("spec.template.spec.containers[0]")).toBe("IMG001 waived");
    expect(at("spec.template.spec.containers[0].image")).toBe("IMG001 waived");
    expect(at("spec.template.spec.containers[0].im")).toBe("IMG001 violation");
    expect(at("spec.template.spec.containers[1]")).toBe("IMG001 violation");
  });

  it("counts to the end of its last day; then it waives nothing and is a finding of high severity", () => {
    expect(verdicts([waiver], "2026-12-31")).toEqual(["IMG001 waived"]);
    expect(
      applyWaivers([finding], [{ ...waiver, source: { file: "plinth.policy.yaml", line: 3 } }], "2027-01-01"),
    ).toEqual([
      finding,
      {
        rule: "WAIVER001",
        severity: "high",
        verdict: "violation",
        resource: { urn: "waiver:IMG001:Deployment/shop/web", kind: "Waiver", name: "Deployment/shop/web" },
        path: "",
        message: "the waiver of IMG001 expired on 2026-12-31: mirrored",
        source: { file: "plinth.policy.yaml", line: 3 },
      },
    ]);
  });

  it("of another rule does not count", () => {
    expect(verdicts([{ ...waiver, rule: "IMG002" }])).toEqual(["IMG001 violation", "WAIVER002 violation"]);
  });
});

describe("a pattern", () => {
  property("matches a text exactly as the regular expression with .* for * does", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    const texts = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });
});
