import { describe, expect, test } from "vitest";
import { sha256 } from "./fixtures/server.js";
import { checkManifest, readManifest } from "./manifest.js";

const good = { path: "1/model.onnx", size: 3, sha256: "a".repeat(64) };
const faults = (...files: unknown[]) => checkManifest({ version: 1, files }).faults;

describe("the manifest", () => {
  test("gives its files when the digest is the pinned one, whatever other keys it has", () => {
    const bytes = Buffer.from(JSON.stringify({ version: 1, files: [{ ...good, note: 1 }], profile: {} }));
    expect(readManifest(bytes, `sha256:${sha256(bytes)}`, "m")).toEqual([{ ...good, note: 1 }]);
  });

  test("is refused before it is parsed when its digest is another", () => {
    expect(() => readManifest(Buffer.from("not JSON"), `sha256:${"0".repeat(64)}`, "s3://b/manifest.json")).toThrow(
      /s3:\/\/b\/manifest\.json is not the pinned one: its digest is sha256:[0-9a-f]{64}, wanted sha256:0{64}/,
    );
  });

  test.each([
    ["../etc/passwd", "leads out of the directory"],
    ["a/../../b", "leads out of the directory"],
    ["/etc/passwd", "is absolute"],
    ["a//b", "has an empty or '.' segment"],
    ["./a", "has an empty or '.' segment"],
    ["a/", "has an empty or '.' segment"],
    ["a\\b", "has a backslash"],
    ["a\u0000b", "has a control character"],
    ["", "is empty"],
    ["\ud800", "is not well-formed Unicode"],
    ["x".repeat(256), "is too long"],
    [".plinth-fetch.json", "is a name of the fetcher's own"],
    [".plinth-fetch.parts/a", "is a name of the fetcher's own"],
  ])("refuses the path %j: it %s", (path, why) => {
    expect(faults({ ...good, path })).toEqual([`files[0].path ${JSON.stringify(path).slice(0, 120)} ${why}`]);
  });

  test("names a path that occurs twice and one that is both file and directory", () => {
    expect(faults(good, good)).toEqual(['path "1/model.onnx" occurs more than once']);
    expect(faults(good, { ...good, path: "1" })).toEqual(['path "1" is both a file and a directory']);
  });

  test("reports every fault of an entry at once", () => {
    expect(faults({ path: "a", size: -1, sha256: "A" })).toEqual([
      "files[0].size -1 must be a whole number of bytes",
      'files[0].sha256 "A" must be 64 lower-case hex digits',
    ]);
  });

  test("refuses another version, and a list without files", () => {
    expect(checkManifest({ version: 2, files: [good] }).faults).toEqual(["version is 2, this fetcher reads version 1"]);
    expect(checkManifest({ version: 1, files: [] }).faults).toEqual(["files must be a list of at least one file"]);
    expect(checkManifest([]).faults).toEqual(["it is not an object"]);
  });
});
