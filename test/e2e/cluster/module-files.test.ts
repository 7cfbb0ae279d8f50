import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { describeWith } from "../needs.js";
import { fromModule } from "./module-files.mjs";

describeWith(["kwok"], "files out of a Go module", () => {
  let cache: string;
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "plinth-modules-"));
    vi.stubEnv("PLINTH_CACHE", cache);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(cache, { recursive: true });
  });

  const wanted = { tool: "kwok", module: "sigs.k8s.io/kwok", what: "licence" };
  const copy = async (from: string, to: string) =>
    writeFile(join(to, "LICENSE"), await readFile(join(from, "LICENSE"), "utf8"));

  it("are kept by module and version, and made once", async () => {
    const fill = vi.fn(copy);
    const folder = await fromModule({ ...wanted, fill });
    expect(folder).toBe(join(cache, "modules/sigs.k8s.io_kwok@v0.8.0/licence"));
    expect(await readFile(join(folder, "LICENSE"), "utf8")).toContain("Apache License");
    expect(await fromModule({ ...wanted, fill })).toBe(folder);
    expect(fill).toHaveBeenCalledTimes(1);
  });

  it("are there whole or not at all", async () => {
    const failing = async (from: string, to: string) => {
      await copy(from, to);
      throw new Error("no space left on device");
    };
    await expect(fromModule({ ...wanted, fill: failing })).rejects.toThrow("no space left on device");
    expect(await readdir(join(cache, "modules/sigs.k8s.io_kwok@v0.8.0"))).toEqual([]);
    expect(await readdir(await fromModule({ ...wanted, fill: copy }))).toEqual(["LICENSE"]);
  });

  it("are made by several at the same time without harm", async () => {
    const folders = await Promise.all([1, 2, 3].map(() => fromModule({ ...wanted, fill: copy })));
    expect(new Set(folders).size).toBe(1);
    expect(await readdir(join(cache, "modules/sigs.k8s.io_kwok@v0.8.0"))).toEqual(["licence"]);
  });

  it("cannot be had of a module that the tool is not made of", async () => {
    await expect(fromModule({ ...wanted, module: "example.com/other", fill: copy })).rejects.toThrow(
      /tools\/kwok\/go\.mod does not name example\.com\/other$/,
    );
  });
});
