import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manifestGraph } from "../graph/manifests.js";
import { fileNames, writeFolder } from "./folder.js";
import { type ObjectYaml, objectYamls } from "./yaml.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plinth-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const configMaps = (...names: string[]): ObjectYaml[] =>
  objectYamls(
    manifestGraph(
      names.map((name) => ({
        file: `${name}.yaml`,
        text: `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${JSON.stringify(name)}, namespace: fraud }\n`,
      })),
      "test",
    ).graph,
  );

describe("the folder of rendered objects", () => {
  it("holds one file per object, named by order, kind, namespace and name, and an index kubectl does not read", async () => {
    const written = await writeFolder(folder, configMaps("b", "a"));
    expect(written).toEqual({ files: ["40-configmap-fraud-a.yaml", "40-configmap-fraud-b.yaml"], foreign: [] });
    expect((await readdir(folder)).sort()).toEqual([".plinth-files", ...written.files]);
    expect(await readFile(join(folder, "40-configmap-fraud-a.yaml"), "utf8")).toBe(
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: fraud\n",
    );
  });

  it("loses the files of the run before that are no longer made, and only those", async () => {
    await writeFolder(folder, configMaps("a", "b"));
    await writeFile(join(folder, "mine.yaml"), "mine");
    await writeFile(join(folder, "notes.txt"), "mine");
    const written = await writeFolder(folder, configMaps("b", "c"));
    expect(written.foreign).toEqual(["mine.yaml"]);
    expect((await readdir(folder)).sort()).toEqual([
      ".plinth-files",
      "40-configmap-fraud-b.yaml",
      "40-configmap-fraud-c.yaml",
      "mine.yaml",
      "notes.txt",
    ]);
  });

  it("is not touched when a file of someone else has a name that is needed", async () => {
    await writeFile(join(folder, "40-configmap-fraud-b.yaml"), "mine");
    await expect(writeFolder(folder, configMaps("a", "b"))).rejects.toThrow(
      `${folder}: 40-configmap-fraud-b.yaml would be overwritten and was not written by plinth. Move it or give another --out.`,
    );
    expect(await readdir(folder)).toEqual(["40-configmap-fraud-b.yaml"]);
  });

  it("removes nothing outside itself, whatever its index says", async () => {
    const out = join(folder, "out");
    await mkdir(out);
    await writeFile(join(folder, "40-victim.yaml"), "mine");
    await writeFile(join(out, ".plinth-files"), "../40-victim.yaml\n/etc/hosts\n40-gone.yaml\nnotes.txt\n");
    await writeFile(join(out, "notes.txt"), "mine");
    await writeFolder(out, configMaps("a"));
    expect(await readFile(join(folder, "40-victim.yaml"), "utf8")).toBe("mine");
    expect((await readdir(out)).sort()).toEqual([".plinth-files", "40-configmap-fraud-a.yaml", "notes.txt"]);
  });

  it("replaces a link instead of writing through it", async () => {
    const outside = join(folder, "outside.txt");
    const out = join(folder, "out");
    await writeFile(outside, "mine");
    await writeFolder(out, configMaps("a"));
    await rm(join(out, "40-configmap-fraud-a.yaml"));
    await symlink(outside, join(out, "40-configmap-fraud-a.yaml"));
    await writeFolder(out, configMaps("a"));
    expect(await readFile(outside, "utf8")).toBe("mine");
  });

  it("names the path that is not a folder", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(writeFolder(join(folder, "file"), [])).rejects.toThrow(/^--out .*file is not a folder\./);
  });
});

describe("file names", () => {
  it("stay apart for objects whose names are written alike, whatever the order", () => {
    const objects = configMaps("a:b", "a-b", "A-B", "c");
    const names = fileNames(objects);
    expect(new Set(names).size).toBe(4);
    expect(names.filter((name) => /^40-configmap-fraud-a-b-[0-9a-f]{8}\.yaml$/.test(name))).toHaveLength(3);
    expect(names).toContain("40-configmap-fraud-c.yaml");
    expect([...fileNames([...objects].reverse())].reverse()).toEqual(names);
  });

  it("hold no path separator and are short enough for a file system", () => {
    const [name = ""] = fileNames(configMaps(`../../${"x".repeat(300)}`));
    expect(name).toMatch(/^40-configmap-fraud-x{180,}-[0-9a-f]{8}\.yaml$/);
    expect(name.length).toBeLessThan(255);
  });
});
