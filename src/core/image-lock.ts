import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** The lock file's name; it lies beside Pulumi.yaml, or in the folder of the manifests. */
export const LOCK_FILE = "plinth.lock.json";

const entry = z.strictObject({
  digest: z.string().regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, "must be sha256: and 64 hexadecimal digits"),
  mediaType: z.string().min(1),
});
const name = z.string().regex(/^[A-Za-z0-9][^@\s]*$/, "must be a name without a digest");
const schema = z.strictObject({
  version: z.literal(1),
  images: z.record(name, entry),
  charts: z.record(name, entry).default({}),
});

/** What a name stood for when it was locked. */
export interface LockEntry {
  /** Of the index, when the image is there for several platforms; of a chart in an HTTP repository: of its archive. */
  readonly digest: string;
  readonly mediaType: string;
}

/** What `plinth lock` writes: the digest of each image and chart, by its name as the program or the manifest writes it. */
export interface ImageLock {
  readonly version: 1;
  readonly images: Readonly<Record<string, LockEntry>>;
  /** By `oci://REGISTRY/PATH:VERSION` or `https://REPOSITORY/CHART:VERSION`. */
  readonly charts: Readonly<Record<string, LockEntry>>;
}

export const EMPTY_LOCK: ImageLock = { version: 1, images: {}, charts: {} };

/** The image's name with the digest that the lock has for it; undefined when it has none. */
export function lockedImage(reference: string, lock: ImageLock): string | undefined {
  const found = Object.hasOwn(lock.images, reference) ? lock.images[reference] : undefined;
  return found && `${reference}@${found.digest}`;
}

/**
 * The lock file of a folder; undefined when it has none.
 *
 * @throws Error that names the file and what is wrong with it.
 */
export function readLock(folder: string): ImageLock | undefined {
  const file = join(folder, LOCK_FILE);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read (${code}).`);
  }
  return parseLock(text, file);
}

/** @throws Error that names the file and what is wrong with it. */
export function parseLock(text: string, file: string): ImageLock {
  const mend = "Restore it from version control, or remove it and run plinth lock.";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const conflict = /^(<{7}|>{7}) /m.test(text) ? "it holds a merge conflict" : "it is not JSON";
    throw new Error(`${file}: ${conflict}. ${mend}`);
  }
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  if (typeof version === "number" && version > 1) {
    throw new Error(`${file}: it is of version ${version}, which a newer plinth wrote; this one reads version 1.`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.map((key) => `[${JSON.stringify(key)}]`).join("");
  throw new Error(`${file}: ${field ? `${field}: ` : ""}${issue?.message}. ${mend}`);
}

/** The text of the file: sorted, so that two runs write the same. */
export function formatLock({ version, images, charts }: ImageLock): string {
  return `${JSON.stringify({ version, images: sorted(images), charts: sorted(charts) }, undefined, 2)}\n`;
}

function sorted(entries: Readonly<Record<string, LockEntry>>): Record<string, LockEntry> {
  const names = Object.keys(entries).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(names.map((each) => [each, pick(entries[each]!)]));
}

function pick({ digest, mediaType }: LockEntry): LockEntry {
  return { digest, mediaType };
}
