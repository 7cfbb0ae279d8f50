import { createHash } from "node:crypto";
import { FetchError, fatal } from "./errors.js";

/** One file of a model directory. `path` is relative, with `/`; `size` in bytes; `sha256` in lower-case hex. */
export interface ModelFile {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** Names in the target directory that belong to the fetcher itself. */
export const MARKER = ".plinth-fetch.json";
export const PARTS = ".plinth-fetch.parts";

const MAX_FAULTS = 5;

/** Checks the manifest's bytes against the pinned digest (`sha256:<64 hex>`), then its content. */
export function readManifest(bytes: Buffer, digest: string, where: string): ModelFile[] {
  const found = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (found !== digest) {
    throw fatal(
      `the manifest ${where} is not the pinned one: its digest is ${found}, wanted ${digest}. ` +
        "It was replaced after the model was pinned, or the digest belongs to another version; pin the model again.",
    );
  }
  const { files, faults } = checkManifest(parseJson(bytes, where));
  if (faults.length > 0) {
    const more = faults.length > MAX_FAULTS ? `; and ${faults.length - MAX_FAULTS} more` : "";
    throw fatal(`the manifest ${where} cannot be used: ${faults.slice(0, MAX_FAULTS).join("; ")}${more}`);
  }
  return files;
}

function parseJson(bytes: Buffer, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new FetchError("fatal", `the manifest ${where} is not JSON in UTF-8`);
  }
}

/** The files of a parsed manifest, and everything that is wrong with it. Other keys are allowed everywhere. */
export function checkManifest(manifest: unknown): { files: ModelFile[]; faults: string[] } {
  if (!isRecord(manifest)) return { files: [], faults: ["it is not an object"] };
  if (manifest.version !== 1) {
    return { files: [], faults: [`version is ${show(manifest.version)}, this fetcher reads version 1`] };
  }
  if (!Array.isArray(manifest.files) || manifest.files.length === 0) {
    return { files: [], faults: ["files must be a list of at least one file"] };
  }
  const entries: unknown[] = manifest.files;
  const files = entries.filter(isModelFile);
  const faults = entries.flatMap((entry, index) => faultsOf(entry).map((fault) => `files[${index}]${fault}`));
  return { files, faults: faults.length > 0 ? faults : clashes(files) };
}

function faultsOf(entry: unknown): string[] {
  if (!isRecord(entry)) return [" is not an object"];
  const pathFault = typeof entry.path === "string" ? faultOfPath(entry.path) : "must be a text";
  return [
    ...(pathFault === undefined ? [] : [`.path ${show(entry.path)} ${pathFault}`]),
    ...(isSize(entry.size) ? [] : [`.size ${show(entry.size)} must be a whole number of bytes`]),
    ...(isSha256(entry.sha256) ? [] : [`.sha256 ${show(entry.sha256)} must be 64 lower-case hex digits`]),
  ];
}

/** Why a manifest's path may not be written below the target directory; undefined when it may. */
export function faultOfPath(path: string): string | undefined {
  const segments = path.split("/");
  if (path === "") return "is empty";
  if (path.startsWith("/")) return "is absolute";
  if (path.includes("\\")) return "has a backslash";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(path)) return "has a control character";
  if (Buffer.from(path).toString() !== path) return "is not well-formed Unicode";
  if (segments.includes("..")) return "leads out of the directory";
  if (segments.includes(".") || segments.includes("")) return "has an empty or '.' segment";
  if (segments.some((segment) => Buffer.byteLength(segment) > 255) || path.length > 2048) return "is too long";
  if (segments[0] === MARKER || segments[0] === PARTS) return "is a name of the fetcher's own";
  return undefined;
}

/** Paths that occur twice, or are a file in one entry and a directory in another. */
function clashes(files: readonly ModelFile[]): string[] {
  const count = new Map<string, number>();
  for (const { path } of files) count.set(path, (count.get(path) ?? 0) + 1);
  const twice = [...count].filter(([, n]) => n > 1).map(([path]) => `path ${show(path)} occurs more than once`);
  const folders = new Set(files.flatMap(({ path }) => parentsOf(path)));
  const both = [...count.keys()]
    .filter((path) => folders.has(path))
    .map((path) => `path ${show(path)} is both a file and a directory`);
  return [...twice, ...both];
}

/** The directories above a relative path, outermost first: `a/b/c` gives `a`, `a/b`. */
export function parentsOf(path: string): string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join("/"));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isSha256 = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isModelFile = (entry: unknown): entry is ModelFile => isRecord(entry) && faultsOf(entry).length === 0;
const show = (value: unknown): string => (JSON.stringify(value) ?? "missing").slice(0, 120);
