import { createHash } from "node:crypto";
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { compareText } from "../graph/assemble.js";
import { InputError } from "../graph/model.js";
import { groupBy } from "./facts.js";
import type { ObjectYaml } from "./yaml.js";

/** Lists what we wrote. No extension that kubectl reads: `kubectl apply -f FOLDER` must not try to apply it. */
const indexName = ".plinth-files";
const indexHeading = "# Written by plinth; these files are replaced and removed by the next run.";

/** Names we give; nothing else in an index is ever removed, whatever the index says. */
const ownName = /^\d\d-[a-z0-9][a-z0-9.-]*\.yaml$/;

/** `60-deployment-fraud-model.yaml` for each object. Equal names and names cut for length get a hash of the URN. */
export function fileNames(objects: readonly ObjectYaml[]): string[] {
  const plain = objects.map(({ object, node, rank }) => {
    const words = [object.kind, object.namespace ?? "", object.name ?? node.name]
      .map(asFileName)
      .filter((word) => word !== "");
    return `${String(rank).padStart(2, "0")}-${words.join("-")}`;
  });
  const counts = groupBy(plain, (name) => name.slice(0, longest));
  return plain.map((name, index) => {
    const isUnique = counts.get(name.slice(0, longest))?.length === 1 && name.length <= longest;
    const hash = createHash("sha256")
      .update(objects[index]?.node.urn ?? "")
      .digest("hex")
      .slice(0, 8);
    return isUnique ? `${name}.yaml` : `${name.slice(0, longest)}-${hash}.yaml`;
  });
}

const longest = 200;

function asFileName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
}

export interface WrittenFolder {
  /** Names of the files, sorted. */
  readonly files: readonly string[];
  /** Manifests in the folder that are not ours: `kubectl apply -f FOLDER` would apply them too. */
  readonly foreign: readonly string[];
}

/**
 * Writes one file per object into the folder and removes those of an earlier run that are no longer made. Files of
 * others are never changed: throws InputError, before anything is written, when one has a name we need.
 */
export async function writeFolder(folder: string, objects: readonly ObjectYaml[]): Promise<WrittenFolder> {
  const directory = resolve(folder);
  await makeFolder(directory);
  const present = await readdir(directory);
  const earlier = new Set((await readIndex(directory)).filter((name) => present.includes(name)));
  const names = fileNames(objects);
  const taken = names.filter((name) => present.includes(name) && !earlier.has(name)).sort(compareText);
  if (taken.length > 0) {
    throw new InputError(
      `${folder}: ${taken.slice(0, 3).join(", ")}${taken.length > 3 ? ` and ${taken.length - 3} more` : ""} would be overwritten and ${taken.length === 1 ? "was" : "were"} not written by plinth. Move ${taken.length === 1 ? "it" : "them"} or give another --out.`,
    );
  }
  // The index first, with both the old and the new names: an interrupted run leaves nothing that looks foreign.
  await writeIndex(directory, [...earlier, ...names]);
  for (const [index, name] of names.entries()) await writeWhole(join(directory, name), objects[index]?.text ?? "");
  const written = new Set(names);
  for (const name of earlier) if (!written.has(name)) await rm(join(directory, name));
  await writeIndex(directory, names);
  const foreign = present.filter((name) => /\.(ya?ml|json)$/.test(name) && !earlier.has(name));
  return { files: [...names].sort(compareText), foreign: foreign.sort(compareText) };
}

/** Writes a file so that a reader sees the old or the new text, never a part; a link is replaced, not followed. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await rm(part, { force: true, recursive: false });
  await writeFile(part, text, { flag: "wx" });
  await rename(part, path);
}

/** Makes the folder; throws InputError when the path is something else or cannot be written. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const exists = await lstat(folder).catch(() => undefined);
    const reason = exists
      ? "is not a folder"
      : `cannot be made (${error instanceof Error && "code" in error ? error.code : error})`;
    throw new InputError(`--out ${folder} ${reason}. Give the name of a folder that is new or that you can write to.`);
  }
}

async function readIndex(directory: string): Promise<string[]> {
  const text = await readFile(join(directory, indexName), "utf8").catch(() => "");
  return text.split("\n").filter((line) => ownName.test(line));
}

async function writeIndex(directory: string, names: readonly string[]): Promise<void> {
  const lines = [indexHeading, ...[...new Set(names)].sort(compareText)];
  await writeWhole(join(directory, indexName), `${lines.join("\n")}\n`);
}
