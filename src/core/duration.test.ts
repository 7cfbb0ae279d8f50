import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationSchema, formatDuration, isDuration, parseDuration } from "./duration.js";

describe("parseDuration", () => {
  it.each([
    ["10m", 600],
    ["1h30m", 5400],
    ["90s", 90],
    ["72h", 259_200],
    ["90d", 7_776_000],
    ["250ms", 0.25],
    ["1.5h", 5400],
    ["0s", 0],
    ["1d2h3m4s5ms", 93_784.005],
  ])("reads %s as %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(["", "10", "m", "10 m", "30m1h", "1m1m", "-1s", "1w", "1H", "1.h", "ten"])(
    "refuses %j and names it",
    (text) => {
      expect(isDuration(text)).toBe(false);
      expect(() => parseDuration(text)).toThrow(
        `${JSON.stringify(text)} is not a duration such as "250ms", "90s", "10m", "1h30m" or "90d"`,
      );
    },
  );
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [5400, "1h30m"],
    [90, "1m30s"],
    [0.25, "250ms"],
    [7_776_000, "2160h"],
  ])("writes %d seconds as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it("is read back as the same time, for any whole number of milliseconds", () => {
    fc.assert(
      fc.property(fc.nat(10_000_000_000), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds / 1000))).toBe(milliseconds / 1000);
      }),
    );
  });

  it("refuses what is no length of time", () => {
    expect(() => formatDuration(-1)).toThrow(RangeError);
    expect(() => formatDuration(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describe("durationSchema", () => {
  it("takes durations only", () => {
    expect(["10m", "10"].map((text) => durationSchema.safeParse(text).success)).toEqual([true, false]);
  });
});
