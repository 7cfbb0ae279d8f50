import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, diskError, fatal } from "./errors.js";
import { faultOfPath, MARKER, type ModelFile, PARTS, parentsOf } from "./manifest.js";
import { isSpanList, type Span } from "./plan.js";

/** What a sidecar remembers of an unfinished file, for the next run. */
export interface PartState {
  /** ETag or Last-Modified of the object the bytes came from. */
  readonly validator?: string;
  readonly done: readonly Span[];
}

export interface PartPaths {
  readonly part: string;
  readonly sidecar: string;
}

/** Unfinished files of `into`, named by what they will be: a part of another version is never taken up. */
export function partPaths(into: string, { path, size, sha256 }: ModelFile): PartPaths {
  const key = createHash("sha256").update(`${sha256} ${size} ${path}`).digest("hex").slice(0, 32);
  return { part: join(into, PARTS, `${key}.part`), sidecar: join(into, PARTS, `${key}.json`) };
}

/** What an earlier run left; nothing when there is no usable sidecar or the part is shorter than it says. */
export async function readPart({ part, sidecar }: PartPaths, size: number): Promise<PartState> {
  const nothing: PartState = { done: [] };
  const [text, stat] = await Promise.all([
    readFile(sidecar, "utf8").catch(() => ""),
    lstat(part).catch(() => undefined),
  ]);
  const saved = parseSidecar(text, size);
  const enough = stat?.isFile() && stat.size >= (saved?.done.at(-1)?.end ?? 0);
  return saved !== undefined && enough ? saved : nothing;
}

function parseSidecar(text: string, size: number): PartState | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("done" in value) || !isSpanList(value.done, size))
      return undefined;
    const validator = "validator" in value && typeof value.validator === "string" ? { validator: value.validator } : {};
    return { done: value.done, ...validator };
  } catch {
    return undefined;
  }
}

/** Written beside and renamed, so that a killed process leaves the old or the new state. */
export const writePart = ({ sidecar }: PartPaths, state: PartState): Promise<void> =>
  writeWhole(sidecar, JSON.stringify(state));

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Opens a part for writing at any position; a symbolic link in its place is refused. */
export const openPart = ({ part }: PartPaths) =>
  open(part, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644).catch((error: unknown) => {
    throw diskError(error, part);
  });

export const dropPart = async ({ part, sidecar }: PartPaths): Promise<void> => {
  await rm(sidecar, { force: true });
  await rm(part, { force: true });
};

/** Makes the directories above a file, refusing symbolic links, which could lead out of the target directory. */
async function makeParents(into: string, path: string): Promise<void> {
  for (const parent of parentsOf(path)) {
    const folder = join(into, parent);
    await mkdir(folder).catch((error: unknown) => {
      if (codeOf(error) !== "EEXIST") throw diskError(error, folder);
    });
    const stat = await lstat(folder);
    if (!stat.isDirectory()) {
      throw fatal(
        `${folder} is ${stat.isSymbolicLink() ? "a symbolic link" : "a file"}, where the model has a directory; remove it`,
      );
    }
  }
}

/** Gives a verified part its final name. */
export async function placePart(paths: PartPaths, into: string, path: string): Promise<void> {
  await makeParents(into, path);
  await rename(paths.part, join(into, path)).catch((error: unknown) => {
    throw diskError(error, join(into, path));
  });
  await rm(paths.sidecar, { force: true });
}

/** True when a regular file of that size is there under its final name, below real directories only. */
export async function isPresent(into: string, { path, size }: ModelFile): Promise<boolean> {
  for (const parent of parentsOf(path)) {
    if (!(await lstat(join(into, parent)).catch(() => undefined))?.isDirectory()) return false;
  }
  const stat = await lstat(join(into, path)).catch(() => undefined);
  return stat?.isFile() === true && stat.size === size;
}

/** The paths an earlier complete run placed; empty when there is no readable marker. */
export async function markedFiles(into: string): Promise<string[]> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(into, MARKER), "utf8"));
    if (typeof marker !== "object" || marker === null || !("files" in marker) || !Array.isArray(marker.files))
      return [];
    return marker.files.filter((path: unknown): path is string => typeof path === "string");
  } catch {
    return [];
  }
}

/** The marker of completion: its being there means that every file it lists was verified. */
const writeMarker = (into: string, digest: string, files: readonly ModelFile[]): Promise<void> =>
  writeWhole(
    join(into, MARKER),
    `${JSON.stringify({ version: 1, digest, files: files.map(({ path }) => path) }, null, 2)}\n`,
  );

export const dropMarker = (into: string): Promise<void> => rm(join(into, MARKER), { force: true });

/** Removes a file an earlier version had, without following links out of the directory. */
async function dropFile(into: string, path: string): Promise<void> {
  for (const parent of parentsOf(path)) {
    if (!(await lstat(join(into, parent)).catch(() => undefined))?.isDirectory()) return;
  }
  await rm(join(into, path), { force: true }).catch(() => undefined);
}

/** Makes the folder for unfinished files; a symbolic link in its place is refused. */
export async function makePartsFolder(into: string): Promise<void> {
  const folder = join(into, PARTS);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw diskError(error, folder);
  });
  if (!(await lstat(folder)).isDirectory()) throw fatal(`${folder} is not a directory; remove it`);
}

/** The end of a run: files that only the earlier version had go, the marker comes, the parts folder goes. */
export async function complete(
  into: string,
  digest: string,
  files: readonly ModelFile[],
  before: readonly string[],
): Promise<void> {
  const wanted = new Set(files.map(({ path }) => path));
  for (const path of before) if (!wanted.has(path) && faultOfPath(path) === undefined) await dropFile(into, path);
  await writeMarker(into, digest, files);
  await rm(join(into, PARTS), { recursive: true, force: true });
}
