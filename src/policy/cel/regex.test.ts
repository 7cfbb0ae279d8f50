import { describe, expect, it } from "vitest";
import { regex } from "./regex.js";

describe("a pattern of RE2", () => {
  // The answers are those of Go's regexp package.
  it.each([
    ["(?i)token$", "MY_TOKEN", true],
    ["token$", "token\n", false],
    ["^a.c$", "a\rc", true],
    ["^a.c$", "a\nc", false],
    ["(?s)^a.c$", "a\nc", true],
    ["(?m)^b$", "a\nb", true],
    ["^\\s$", "\u00a0", false],
    ["^\\S$", "\u00a0", true],
    ["^[\\s]$", "\t", true],
    ["^[\\s\\S]{3}$", "\u00a0\n\v", true],
    ["^[\\S]$", "\n", false],
    ["^[[:alpha:]_]+$", "ab_", true],
    ["^[]a]+$", "a]", true],
    ["^[^]a]+$", "b", true],
    ["^[^]a]+$", "]", false],
    ["^[[]$", "[", true],
    ["\\Aab\\z", "ab", true],
    ["(?P<x>a)(?:b)", "ab", true],
    ["^\\d{2,3}\\.\\w-$", "12.a-", true],
    ["^\\x41$", "A", true],
    ["@sha256:[0-9a-f]{64}$", `a@sha256:${"0".repeat(64)}`, true],
  ])("%j on %j", (pattern, text, expected) => {
    expect(regex(pattern)?.test(text)).toBe(expected);
    expect(regex(pattern)?.test(text)).toBe(expected);
  });

  it.each([
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(a)\\1",
    "\\pL",
    "\\Qa\\E",
    "a(?i)b",
    "[",
    "(",
    "a**",
    "[\\b]",
    "\\u0041",
    "[[:nope:]]",
    "\\k<x>",
  ])("%j is refused", (pattern) => {
    expect(regex(pattern)).toBeUndefined();
  });
});
