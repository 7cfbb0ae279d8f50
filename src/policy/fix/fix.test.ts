import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Patch } from "../../rules/rule.js";
import { applyPatches } from "./patch.js";
import { patchYaml } from "./yaml.js";

describe("patches on plain values", () => {
  it("set makes the maps and lists on its way and leaves the original as it was", () => {
    const before = { spec: { a: 1 } };
    expect(applyPatches(before, [{ op: "set", path: ["spec", "b", 0, "c"], value: true }])).toEqual({
      spec: { a: 1, b: [{ c: true }] },
    });
    expect(before).toEqual({ spec: { a: 1 } });
  });

  it("remove takes a key or an item away, and nothing when it is not there", () => {
    const value = { list: [1, 2, 3], map: { a: 1 } };
    expect(applyPatches(value, [{ op: "remove", path: ["list", 1] }])).toEqual({ list: [1, 3], map: { a: 1 } });
    expect(applyPatches(value, [{ op: "remove", path: ["map", "a"] }])).toEqual({ list: [1, 2, 3], map: {} });
    expect(applyPatches(value, [{ op: "remove", path: ["none", "a"] }])).toEqual(value);
  });

  it("move carries the value to another key", () => {
    expect(applyPatches({ hard: { "nvidia.com/gpu": 4 } }, [move])).toEqual({ hard: { "requests.nvidia.com/gpu": 4 } });
  });
});

const move: Patch = { op: "move", path: ["hard", "nvidia.com/gpu"], to: ["hard", "requests.nvidia.com/gpu"] };

const file = `# one
apiVersion: v1
kind: A   # what it is
metadata: { name: 'a' }
hard:
  # the quota
  nvidia.com/gpu: "4"  # four
  other: 1
list:
- name: x # first
- name: "y"
---
# two stays as it is
kind:   B
odd:      [ 1,2 ]
---
kind: List
items:
  - kind: C
    spec: {}
  - kind: D
`;

describe("patches on a file", () => {
  it("keep comments, order, quotes and indentation, and every other document to the letter", () => {
    const set: Patch = { op: "set", path: ["list", 1, "value"], value: 2 };
    expect(patchYaml(file, [{ line: 2, column: 1, patches: [move, set] }])).toBe(
      file
        .replace('  nvidia.com/gpu: "4"  # four\n  other: 1\n', '  other: 1\n  requests.nvidia.com/gpu: "4" # four\n')
        .replace("kind: A   # what", "kind: A # what")
        .replace('- name: "y"\n', '- name: "y"\n  value: 2\n'),
    );
  });

  it("reach an item of a List by its place", () => {
    const patched = patchYaml(file, [
      { line: 19, column: 5, patches: [{ op: "set", path: ["spec", "a"], value: "b" }] },
    ]);
    expect(parseAllDocuments(patched)[2]?.toJS()).toEqual({
      kind: "List",
      items: [{ kind: "C", spec: { a: "b" } }, { kind: "D" }],
    });
    expect(patched.slice(0, patched.indexOf("kind: List"))).toBe(file.slice(0, file.indexOf("kind: List")));
  });

  it("change nothing when no object begins there", () => {
    expect(patchYaml(file, [{ line: 3, column: 1, patches: [move] }])).toBe(file);
  });
});
