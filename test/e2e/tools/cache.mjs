// The cache of built tools: <cache folder>/tools/<tool>/<hash of what it is built from>/ holds the binary and built.json.
// A folder appears there by a rename, complete; what a builder that died has left is recognised by its owner being gone.

import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identity } from "../processes/sessions.mjs";

const record = "built.json";

export function cacheFolder() {
  const { PLINTH_CACHE, XDG_CACHE_HOME } = process.env;
  return resolve(PLINTH_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "plinth"), "tools");
}

/** Where a tool built from this module, with these settings, by this Go, belongs. */
export function entryOf(name, tool, moduleFolder, go) {
  const hash = createHash("sha256");
  const files = readdirSync(moduleFolder).filter((file) => /\.go$|^go\.(mod|sum)$/.test(file));
  hash.update(JSON.stringify([tool.package, tool.binary, tool.ldflags, go.version, go.target]));
  for (const file of files.sort()) hash.update(`\0${file}\0`).update(readFileSync(join(moduleFolder, file)));
  const key = hash.digest("hex").slice(0, 16);
  const shelf = join(cacheFolder(), name);
  return { binary: tool.binary, shelf, key, folder: join(shelf, key) };
}

/**
 * The path of a cached binary, or `undefined` when it is not there or not what was built. Its contents are hashed only
 * when its time is not the recorded one: any writing to it changes that, and a copied cache is hashed once.
 */
export function cached({ folder, binary }) {
  const path = join(folder, binary);
  try {
    const built = JSON.parse(readFileSync(join(folder, record), "utf8"));
    const { size, mtimeMs } = statSync(path);
    accessSync(path, constants.X_OK);
    if (size !== built.size) return undefined;
    if (mtimeMs !== built.seconds * 1000) {
      if (sha256(path) !== built.sha256) return undefined;
      utimesSync(path, built.seconds, built.seconds);
    }
    return path;
  } catch {
    return undefined;
  }
}

/** Moves a complete folder to its place. Another builder may have been faster with the same thing. */
export function publish(entry, partial) {
  const path = join(partial, entry.binary);
  // Whole seconds survive every way of copying a cache.
  const seconds = Math.floor(Date.now() / 1000);
  utimesSync(path, seconds, seconds);
  const built = { size: statSync(path).size, seconds, sha256: sha256(path) };
  writeFileSync(join(partial, record), `${JSON.stringify(built)}\n`);
  if (cached(entry) === undefined) {
    rmSync(entry.folder, { recursive: true, force: true });
    try {
      renameSync(partial, entry.folder);
    } catch (error) {
      if (cached(entry) === undefined) throw error;
    }
  }
  return join(entry.folder, entry.binary);
}

function sha256(path) {
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/** A folder beside the entry to build in. It carries its owner in its name. */
export function makePartial({ folder }) {
  const partial = `${folder}.partial-${identity(process.pid)}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, "work"), { recursive: true });
  return partial;
}

/** Removes what builders that are gone have left on a tool's shelf and, when told what to keep, its other versions. */
export function sweep({ shelf, key }, { others }) {
  for (const name of readdirSync(shelf)) {
    const partialOwner = name.match(/\.partial-(.*)$/)?.[1];
    const owner = name.endsWith(".lock") ? lockOwner(join(shelf, name)) : partialOwner;
    const left = owner === undefined ? others && name !== key && !name.endsWith(".lock") : !isRunning(owner);
    if (left) rmSync(join(shelf, name), { recursive: true, force: true });
  }
}

/**
 * Does the work while no other process builds the same entry. A lock is a symbolic link whose text is its owner: it
 * appears with its content. Should two builders take over a dead one's lock at once, both build, and one of the two
 * equal results is kept.
 */
export async function locked({ shelf, folder }, onWait, work) {
  mkdirSync(shelf, { recursive: true });
  const lock = `${folder}.lock`;
  const me = identity(process.pid);
  for (let waited = false; !takeLock(lock, me); waited = true) {
    const owner = lockOwner(lock);
    if (owner !== undefined && !isRunning(owner)) rmSync(lock, { force: true });
    else if (owner !== undefined) {
      if (!waited) onWait(Number.parseInt(owner, 10));
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    if (lockOwner(lock) === me) rmSync(lock, { force: true });
  }
}

function takeLock(lock, me) {
  try {
    symlinkSync(me, lock);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function lockOwner(lock) {
  try {
    return readlinkSync(lock);
  } catch {
    return undefined;
  }
}

function isRunning(owner) {
  return identity(Number.parseInt(owner, 10)) === owner;
}

/** Gigabytes free where a folder is, or will be. */
export function gigabytesFree(folder) {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return (bavail * bsize) / 1e9;
}
