import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDnsLabel, resourceName } from "./names.js";

describe("resourceName", () => {
  it("keeps a base that is a label and fits", () => {
    expect(resourceName("fraud")).toBe("fraud");
    expect(resourceName("fraud", "server")).toBe("fraud-server");
  });

  it("hashes a base that had to be changed", () => {
    expect(resourceName("Fraud_V2", "server")).toBe("fraud-v2-7ce22efe-server");
  });

  it("cuts a long base and keeps the suffix whole", () => {
    expect(resourceName("a".repeat(70), "server")).toMatch(/^a{47}-[0-9a-f]{8}-server$/);
  });

  it("refuses a suffix that leaves no room", () => {
    expect(() => resourceName("a", "b".repeat(60))).toThrow(RangeError);
  });

  it("always gives a DNS label within the limit that ends in the suffix", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.stringMatching(/^[a-z0-9]{1,12}$/),
        fc.integer({ min: 24, max: 63 }),
        (base, suffix, max) => {
          const name = resourceName(base, suffix, max);
          expect(isDnsLabel(name)).toBe(true);
          expect(name.length).toBeLessThanOrEqual(max);
          expect(name.endsWith(`-${suffix}`)).toBe(true);
          expect(resourceName(base, suffix, max)).toBe(name);
        },
      ),
    );
  });

  it("gives two bases two names", () => {
    const base = fc.oneof(fc.string({ maxLength: 4 }), fc.stringMatching(/^[aA_-]{60,70}$/));
    fc.assert(
      fc.property(base, base, (a, b) => {
        fc.pre(a !== b);
        expect(resourceName(a)).not.toBe(resourceName(b));
      }),
    );
  });
});

describe("isDnsLabel", () => {
  it.each([
    ["a", true],
    ["0-a", true],
    ["a".repeat(63), true],
    ["a".repeat(64), false],
    ["", false],
    ["-a", false],
    ["a-", false],
    ["A", false],
    ["a.b", false],
  ])("of %j is %s", (text, expected) => {
    expect(isDnsLabel(text)).toBe(expected);
  });
});
