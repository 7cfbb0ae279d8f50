import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { differences, isIdentity } from "./differences.js";
import { failures } from "./failures.js";
import { exampleStacks, failing, programs } from "./programs.js";

const readme = readFileSync(fileURLToPath(new URL("../../../src/engine/README.md", import.meta.url)), "utf8");

describe("the table of differences", () => {
  test("is the same in the README of the engine", () => {
    const [, section = ""] = readme.split("## Differences from the real engine\n");
    const cells = (line: string): string[] =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
    const rows = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("|"));
    expect(rows.map(cells)).toEqual([
      ["Difference", "Reason"],
      [expect.stringMatching(/^-+$/), expect.stringMatching(/^-+$/)],
      ...differences.map(({ what, reason }) => [what, reason]),
    ]);
  });

  test("names programs that exist", () => {
    const names = new Set([...programs, ...failing, ...exampleStacks].map(({ name }) => name));
    const unknown = differences.flatMap((difference) => difference.programs.filter((name) => !names.has(name)));
    expect(unknown).toEqual([]);
  });

  test.each([
    "",
    "type",
    "name",
    "kind",
    "parent",
    "provider",
    "dependencies",
    "dependencies[0]",
    "propertyDependencies.a",
  ])("explains no disagreement on a resource's %j", (field) => {
    const urn = "urn:pulumi:dev::p::aws:s3/bucket:Bucket::b";
    expect(isIdentity({ urn, field, real: undefined, embedded: undefined })).toBe(true);
  });
});

test("every failing program says how it fails", () => {
  expect(failing.map(({ name }) => name).sort()).toEqual(Object.keys(failures).sort());
});
