import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelKey, labelsFromTags, labelValue, selectorLabels, standardLabels } from "./labels.js";

const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

describe("standardLabels", () => {
  it("are the recommended set over the platform's tags", () => {
    expect(
      standardLabels({
        noun: "inference-endpoint",
        name: "fraud",
        component: "server",
        version: "1.2.0",
        tags: { team: "Risk & Fraud", "app.kubernetes.io/name": "mine" },
      }),
    ).toEqual({
      team: "Risk-Fraud",
      "app.kubernetes.io/name": "inference-endpoint",
      "app.kubernetes.io/instance": "fraud",
      "app.kubernetes.io/component": "server",
      "app.kubernetes.io/version": "1.2.0",
      "app.kubernetes.io/part-of": "fraud",
      "app.kubernetes.io/managed-by": "plinth",
    });
  });

  it("hold the selector", () => {
    const facts = { noun: "gpu-node-pool", name: "Serving Pool", version: "2" };
    expect(standardLabels(facts)).toMatchObject(selectorLabels(facts));
    expect(selectorLabels(facts)).toEqual({
      "app.kubernetes.io/name": "gpu-node-pool",
      "app.kubernetes.io/instance": "Serving-Pool",
    });
  });
});

describe("labels from any text", () => {
  it("keep what is valid", () => {
    expect(labelsFromTags({ "example.com/team": "risk_1.a" })).toEqual({ "example.com/team": "risk_1.a" });
  });

  it("mend keys", () => {
    expect(labelKey("cost center")).toBe("cost-center");
    expect(labelKey("acme:team")).toBe("acme-team");
    expect(labelKey("Not A Prefix/x")).toBe("Not-A-Prefix-x");
    expect(labelKey("a/b/c")).toBe("a/b-c");
    expect(labelKey("/")).toBe("tag");
  });

  it("are always valid, and unchanged when made again", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ minLength: 60, maxLength: 90 })), (text) => {
        const value = labelValue(text);
        expect(value).toMatch(VALUE);
        expect(value.length).toBeLessThanOrEqual(63);
        expect(labelValue(value)).toBe(value);
        expect(labelKey(text).split("/").at(-1)).toMatch(/^[A-Za-z0-9]/);
      }),
    );
  });

  it("of two long values that differ at the end differ", () => {
    expect(labelValue(`${"a".repeat(80)}1`)).not.toBe(labelValue(`${"a".repeat(80)}2`));
  });
});
