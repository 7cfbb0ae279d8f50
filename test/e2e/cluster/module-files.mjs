// Files that come out of Go modules which the tools are built from: foreign, so not in this repository, but kept in the
// user's cache folder, so that only the first run needs Go.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../tools/cache.mjs";

/**
 * The cache's folder of files made from a Go module at the version that the tool uses, filled when it is not there yet.
 * It appears whole or not at all.
 * @param {{
 *   tool: string, module: string, what: string, fill: (moduleFolder: string, target: string) => Promise<void>
 * }} wanted `tool` is a folder of test/e2e/tools; `what` tells several folders of one module apart
 */
export async function fromModule({ tool, module, what, fill }) {
  const toolFolder = join(import.meta.dirname, "../tools", tool);
  const version = await versionOf(toolFolder, module);
  const folder = join(cacheFolder(), "../modules", `${module.replaceAll("/", "_")}@${version}`, what);
  if (existsSync(folder)) return folder;

  await mkdir(dirname(folder), { recursive: true });
  const half = await mkdtemp(`${folder}-`);
  try {
    await fill(await download(toolFolder, module), half);
    await rename(half, folder);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Another process was faster; its folder has the same content.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** @param {string} toolFolder @param {string} module */
async function versionOf(toolFolder, module) {
  const file = join(toolFolder, "go.mod");
  const line = (await readFile(file, "utf8")).split("\n").find((text) => text.trim().startsWith(`${module} v`));
  if (line === undefined) throw new Error(`${file} does not name ${module}`);
  return line.trim().split(" ")[1];
}

/** @param {string} toolFolder @param {string} module */
async function download(toolFolder, module) {
  try {
    const { stdout } = await promisify(execFile)("go", ["mod", "download", "-json", module], { cwd: toolFolder });
    return JSON.parse(stdout).Dir;
  } catch (error) {
    if (error.code === "ENOENT")
      throw new Error(`the files of ${module} have to be fetched with Go: put go on the PATH`);
    throw new Error(`go mod download ${module} in ${toolFolder}: ${error.stdout || error.stderr || error.message}`);
  }
}
