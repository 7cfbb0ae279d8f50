import { mkdir, readFile, realpath, statfs } from "node:fs/promises";
import { join } from "node:path";
import { type DownloadOptions, download, prepare, type Transfer } from "./download.js";
import { codeOf, diskError, FetchError, fatal, messageOf, usage } from "./errors.js";
import { type Hasher, startHasher } from "./hasher.js";
import { createClient, networkError, persist, type Retry, readBytes } from "./http.js";
import { type ModelFile, readManifest } from "./manifest.js";
import { complete, dropMarker, isPresent, makePartsFolder, markedFiles } from "./parts.js";
import { bytesIn } from "./plan.js";
import { openSource, refusal, type Source, type SourceOptions, shownUri } from "./sources.js";

export interface FetchOptions {
  /** The model directory: `s3://bucket/prefix/`, `gs://bucket/prefix/`, `https://host/path/` or `hf://org/repo@revision`. */
  readonly uri: string;
  /** The manifest's digest: `sha256:` and 64 hex digits. */
  readonly digest: string;
  /** Directory to fill; made when missing. */
  readonly into: string;
  /** Where the manifest is: a file or a URI. @default `manifest.json` below `uri` */
  readonly manifest?: string;
  /** Requests at the same time. @default 8 */
  readonly parallel?: number;
  /** Bytes per request. @default 16 MiB */
  readonly chunk?: number;
  /** Send no credentials. @default false */
  readonly anonymous?: boolean;
  /** Allow `http://` to hosts other than this machine. @default false */
  readonly allowHttp?: boolean;
  /** Where credentials, region and endpoints come from. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Stops cleanly; what has arrived stays for the next run. */
  readonly signal?: AbortSignal;
  /** Takes progress lines, one every `reportEvery` milliseconds. @default none */
  readonly report?: (line: string) => void;
  /** @default 3000 */
  readonly reportEvery?: number;
  /** @default 8 attempts without progress, the first after 0.25 s */
  readonly retry?: Retry;
  /** Milliseconds without a byte until a connection is tried again. @default 30000 */
  readonly idleTimeout?: number;
}

export interface FetchResult {
  readonly files: number;
  readonly bytes: number;
  /** Files that were there already, with the right size and hash. */
  readonly kept: number;
  readonly seconds: number;
}

export const DEFAULTS = {
  parallel: 8,
  chunk: 16 * 1024 * 1024,
  reportEvery: 3000,
  retry: { attempts: 8, firstDelay: 250 },
  idleTimeout: 30_000,
} as const;

const MANIFEST_LIMIT = 64 * 1024 * 1024;

/**
 * Fills a directory with a model's files. Every file is verified by size and sha256 before it gets its
 * final name; files that are there already are verified and kept. Throws FetchError with a message for
 * the user; running again continues where the last run stopped.
 */
export async function fetchModel(given: FetchOptions): Promise<FetchResult> {
  const options = { ...DEFAULTS, ...given };
  checkOptions(options);
  const { parallel, chunk, retry, idleTimeout, env = process.env, anonymous = false, allowHttp = false } = options;
  const signal = options.signal ?? new AbortController().signal;
  const started = performance.now();
  const client = createClient({ parallel, allowHttp, idleTimeout });
  const hasher = startHasher();
  try {
    const sourceOptions: SourceOptions = { env, anonymous, allowHttp, client, retry, signal };
    const source = openSource(options.uri, sourceOptions);
    const files = await loadManifest(options, source, sourceOptions);
    const into = await makeFolder(options.into);
    const before = await markedFiles(into);
    await dropMarker(into);
    const kept = await keptFiles(files, into, hasher, signal);
    const settings: DownloadOptions = { source, client, hasher, into, chunk, parallel, retry, signal };
    const transfers: Transfer[] = [];
    for (const file of files) if (!kept.has(file)) transfers.push(await prepare(file, settings));
    await checkSpace(transfers, into);
    const stopReports = startReports(transfers, options.report, options.reportEvery);
    await download(transfers, settings).finally(stopReports);
    await complete(into, options.digest, files, before);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    return { files: files.length, bytes, kept: kept.size, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    throw inWords(error, options.into, signal);
  } finally {
    client.close();
    await hasher.close();
  }
}

function checkOptions({ digest, into, parallel, chunk }: FetchOptions): void {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw usage(
      `--digest ${JSON.stringify(digest.slice(0, 80))}: use sha256: and 64 lower-case hex digits, the digest of the manifest's bytes`,
    );
  }
  if (into === "") throw usage("--into is empty: name the directory to fill");
  if (!inRange(parallel, 1, 64)) throw usage(`--parallel ${parallel}: use a whole number from 1 to 64`);
  if (!inRange(chunk, 64 * 1024, 2 ** 32)) throw usage(`--chunk ${chunk}: use a size from 64Ki to 4Gi`);
}

const inRange = (value: number | undefined, low: number, high: number): boolean =>
  value !== undefined && Number.isInteger(value) && value >= low && value <= high;

/** The files of the manifest, whose digest is checked before anything in it is believed. */
async function loadManifest(
  { manifest, digest }: FetchOptions,
  source: Source,
  options: SourceOptions,
): Promise<ModelFile[]> {
  if (manifest === undefined)
    return readManifest(await readObject(source, "manifest.json", options), digest, source.name("manifest.json"));
  if (manifest.includes("://")) {
    const { folder, name } = splitUri(manifest);
    const other = openSource(folder, options);
    return readManifest(await readObject(other, name, options), digest, other.name(name));
  }
  const bytes = await readFile(manifest).catch((error: unknown) => {
    throw usage(`--manifest ${manifest}: cannot be read (${codeOf(error)})`);
  });
  return readManifest(bytes, digest, manifest);
}

/** `s3://b/p/m.json` as the folder `s3://b/p/` and the name `m.json`; a query stays with the folder. */
function splitUri(uri: string): { folder: string; name: string } {
  const [, folder, name, query = ""] = /^(\w+:\/\/[^?#]+\/)([^/?#]+)(\?[^#]*)?$/.exec(uri) ?? [];
  if (folder === undefined || name === undefined) throw usage(`--manifest ${shownUri(uri)}: use the URI of one file`);
  return { folder: folder + query, name: decodeURIComponent(name) };
}

/** A small object, whole in memory. */
function readObject(source: Source, path: string, { client, retry, signal }: SourceOptions): Promise<Buffer> {
  const attempt = async () => {
    const { response, url } = await client.send(await source.target(path), signal ? { signal } : {});
    if (response.statusCode !== 200) throw await refusal(response, source, path);
    return readBytes(response, MANIFEST_LIMIT).catch((error: unknown) => {
      throw networkError(error, url);
    });
  };
  return persist(attempt, retry, signal);
}

async function makeFolder(given: string): Promise<string> {
  try {
    await mkdir(given, { recursive: true });
    const into = await realpath(given);
    await makePartsFolder(into);
    return into;
  } catch (error) {
    throw diskError(error, given);
  }
}

/** Files that an earlier run has finished: right size, right hash. */
async function keptFiles(
  files: readonly ModelFile[],
  into: string,
  hasher: Hasher,
  signal: AbortSignal,
): Promise<Set<ModelFile>> {
  const kept = new Set<ModelFile>();
  for (const file of files) {
    signal.throwIfAborted();
    if ((await isPresent(into, file)) && (await hasher.digest(join(into, file.path), file.size)) === file.sha256)
      kept.add(file);
  }
  return kept;
}

/** Refuses before the first byte what cannot fit. File systems that do not say are left to find out. */
async function checkSpace(transfers: readonly Transfer[], into: string): Promise<void> {
  const missing = transfers.reduce((sum, { file, done }) => sum + file.size - bytesIn(done), 0);
  const disk = await statfs(into).catch(() => undefined);
  const free = disk === undefined ? missing : disk.bavail * disk.bsize;
  if (free >= missing) return;
  throw fatal(
    `the disk is too small: ${formatBytes(missing)} are still to come and ${into} has ${formatBytes(free)} free; ` +
      "give the volume (emptyDir sizeLimit, PVC size, ephemeral-storage limit) more room",
  );
}

/** Starts the progress lines; the returned function ends them. */
function startReports(transfers: readonly Transfer[], report: FetchOptions["report"], every: number): () => void {
  if (report === undefined) return () => undefined;
  const total = transfers.reduce((sum, { file }) => sum + file.size, 0);
  const present = () => transfers.reduce((sum, { done }) => sum + bytesIn(done), 0);
  let last = present();
  const timer = setInterval(() => {
    const now = present();
    const percent = total === 0 ? 100 : Math.floor((100 * now) / total);
    const rate = (Math.max(0, now - last) * 1000) / every;
    report(`${formatBytes(now)} of ${formatBytes(total)} (${percent} %), ${formatBytes(rate)}/s`);
    last = now;
  }, every);
  return () => clearInterval(timer);
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Every fault leaves here as a FetchError. */
function inWords(error: unknown, into: string, signal: AbortSignal): unknown {
  if (signal.aborted) return fatal("stopped before the end; what has arrived is kept, run again to continue");
  const known = diskError(error, into);
  return known instanceof FetchError ? known : fatal(`unexpected: ${messageOf(error)}`);
}
