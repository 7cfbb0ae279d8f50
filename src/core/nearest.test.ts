import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./nearest.js";

describe("nearest", () => {
  it.each([
    ["engin", "engine"],
    ["sclae", "scale"],
    ["Engine", "engine"],
    ["mx", "max"],
    ["colour", undefined],
    ["pods", undefined],
  ])("of %s is %s", (written, expected) => {
    expect(nearest(written, ["engine", "scale", "max", "min"])).toBe(expected);
  });
});

describe("editDistance", () => {
  it("is a measure: zero only for equal texts, the same both ways, and no longer than either text", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
