import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { isLate, mapInput } from "./late.js";

describe("isLate", () => {
  it("tells Outputs and Promises from plain values", () => {
    const values = [pulumi.output(1), Promise.resolve(1), 1, "a", null, undefined, {}, { apply: 1 }];
    expect(values.map(isLate)).toEqual([true, true, false, false, false, false, false, false]);
  });
});

describe("mapInput", () => {
  it("maps a plain value at once", () => {
    expect(mapInput(2, (value) => value + 1)).toBe(3);
  });

  it("maps a late value when it is known", async () => {
    for (const late of [pulumi.output(2), Promise.resolve(2)]) {
      const mapped = mapInput(late, (value) => value + 1);
      expect(await new Promise((resolve) => pulumi.output(mapped).apply(resolve))).toBe(3);
    }
  });

  it("keeps an absent value absent", () => {
    expect(mapInput(undefined as pulumi.Input<number> | undefined, (value) => value + 1)).toBe(undefined);
  });
});
