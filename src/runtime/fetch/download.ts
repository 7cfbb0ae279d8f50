import type { FileHandle } from "node:fs/promises";
import { checkAnswer, type Question, rangeHeaders } from "./answer.js";
import { FetchError, fatal } from "./errors.js";
import type { Hasher } from "./hasher.js";
import { type Client, networkError, persist, type Retry, type Target } from "./http.js";
import type { ModelFile } from "./manifest.js";
import { dropPart, openPart, type PartPaths, partPaths, placePart, readPart, writePart } from "./parts.js";
import { addSpan, bytesIn, frontierOf, planChunks, type Span } from "./plan.js";
import { pump } from "./pump.js";
import { refusal, type Source } from "./sources.js";

export interface DownloadOptions {
  readonly source: Source;
  readonly client: Client;
  readonly hasher: Hasher;
  /** The target directory, an absolute path without symbolic links. */
  readonly into: string;
  /** Bytes asked for in one request. */
  readonly chunk: number;
  readonly parallel: number;
  readonly retry: Retry;
  readonly signal: AbortSignal;
}

/** A file on its way. Lanes take spans from `todo`; what is on disk is in `done`. */
export interface Transfer {
  readonly file: ModelFile;
  readonly paths: PartPaths;
  done: readonly Span[];
  todo: Span[];
  /** Lanes reading it now. */
  active: number;
  /** Whether the server honours Range for it; until known, one lane reads it. */
  ranged: boolean;
  /** The object changed: once its lanes have stopped, it starts anew. */
  stale: boolean;
  /** Being verified or started anew. */
  closing: boolean;
  /** Some bytes are from an earlier run, so a wrong hash may be the sidecar's fault. */
  resumed: boolean;
  restarts: number;
  validator: string | undefined;
  handle: FileHandle | undefined;
  /** Where the source redirected to; spares a request per chunk. */
  redirect: URL | undefined;
  stop: AbortController;
  saving: Promise<void>;
}

const MAX_RESTARTS = 2;
/** Bytes an attempt must bring to count as progress. */
const PROGRESS = 64 * 1024;
const DENIED = [400, 401, 403, 404, 410];

/** A transfer as an earlier run left it, or a new one. */
export async function prepare(file: ModelFile, { into, chunk }: DownloadOptions): Promise<Transfer> {
  const paths = partPaths(into, file);
  const { done, validator } = await readPart(paths, file.size);
  return {
    ...{ file, paths, done, validator, todo: planChunks(file.size, chunk, done), resumed: done.length > 0 },
    ...{ active: 0, ranged: false, stale: false, closing: false, restarts: 0, handle: undefined, redirect: undefined },
    ...{ stop: new AbortController(), saving: Promise.resolve() },
  };
}

/** Brings all transfers to their final names. On a fault every lane stops, and the sidecars keep what is there. */
export async function download(transfers: readonly Transfer[], options: DownloadOptions): Promise<void> {
  const live = new Set(transfers);
  const halt = new AbortController();
  const signal = AbortSignal.any([options.signal, halt.signal]);
  const asleep: (() => void)[] = [];
  const wake = () => {
    for (const lane of asleep.splice(0)) lane();
  };
  signal.addEventListener("abort", wake, { once: true });

  async function lane(): Promise<void> {
    while (live.size > 0) {
      signal.throwIfAborted();
      const step = takeStep(live);
      if (step === undefined) await new Promise<void>((resolve) => asleep.push(resolve));
      else await step({ ...options, signal, wake }).finally(wake);
    }
    wake();
  }

  const lanes = Array.from({ length: options.parallel }, () =>
    lane().catch((error: unknown) => {
      halt.abort();
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(lanes);
  await Promise.all(transfers.map(({ saving }) => saving.catch(() => undefined)));
  await Promise.all([...live].map(({ handle }) => handle?.close()));
  options.signal.throwIfAborted();
  const faults = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  const fault = faults.find((error) => error instanceof FetchError) ?? faults[0];
  if (fault !== undefined) throw fault;
}

/** What a step gets beside the options. */
interface StepOptions extends DownloadOptions {
  /** Rouses the lanes that found nothing to do. */
  readonly wake: () => void;
}
type Step = (options: StepOptions) => Promise<void>;

/** The next thing a free lane can do; undefined when all that is left is in other lanes' hands. Earlier files first. */
function takeStep(live: Set<Transfer>): Step | undefined {
  for (const transfer of live) {
    if (transfer.closing) continue;
    const idle = transfer.active === 0;
    if (transfer.stale) {
      if (!idle) continue;
      transfer.closing = true;
      return (options) => restart(transfer, options);
    }
    const span = idle || transfer.ranged ? transfer.todo.shift() : undefined;
    if (span !== undefined) {
      transfer.active += 1;
      return (options) => read(transfer, span, options);
    }
    // Idle but not whole: its lane has just failed and is about to stop the others.
    if (idle && bytesIn(transfer.done) === transfer.file.size) {
      transfer.closing = true;
      return (options) => finish(transfer, live, options);
    }
  }
  return undefined;
}

/** Reads one span to its end, over as many attempts as make progress. */
async function read(transfer: Transfer, first: Span, options: StepOptions): Promise<void> {
  const { file, paths } = transfer;
  const signal = AbortSignal.any([options.signal, transfer.stop.signal]);
  let span = first;
  let furthest = span.start;

  const attempt = async () => {
    transfer.handle ??= await openAt(transfer);
    const question: Question = {
      name: options.source.name(file.path),
      span,
      size: file.size,
      validator: transfer.validator,
    };
    const { response, url } = await ask(transfer, question, { ...options, signal });
    const answer = checkAnswer(response.statusCode ?? 0, response.headers, question);
    transfer.validator ??= answer.validator;
    if (answer.ranged) {
      transfer.ranged = true;
      options.wake();
    } else {
      // The server sends everything: this lane takes the whole file, if it is the only one on it.
      if (transfer.active > 1) throw new FetchError("changed", `${question.name}: the server stopped answering ranges`);
      transfer.todo = [];
      transfer.ranged = false;
      span = { start: 0, end: file.size };
    }
    let at = answer.start;
    const written = (end: number) => {
      record(transfer, { start: at, end }, options.hasher);
      at = end;
      if (end >= furthest + PROGRESS || end === span.end) furthest = end;
    };
    await pump(response, { fd: transfer.handle.fd, path: file.path, position: at, limit: span.end - at, written })
      .catch((error: unknown) => {
        throw networkError(error, url);
      })
      .finally(() => {
        span = { start: answer.ranged ? at : span.start, end: span.end };
      });
    if (at < span.end)
      throw new FetchError("transient", `${question.name}: the body ended ${span.end - at} bytes early`);
  };

  try {
    await persist(attempt, options.retry, signal, () => furthest);
  } catch (error) {
    if (error instanceof FetchError && error.kind === "changed") {
      transfer.stale = true;
      transfer.stop.abort();
    } else if (!transfer.stale || options.signal.aborted) throw error;
  } finally {
    transfer.active -= 1;
    if (bytesIn(transfer.done) < file.size) await save(transfer, paths);
  }
}

/** Sends the request for a span, by the remembered redirect if there is one; anything but 200 and 206 is thrown. */
async function ask(transfer: Transfer, question: Question, { client, source, signal }: DownloadOptions) {
  const { path } = transfer.file;
  const { redirect } = transfer;
  const target: Target = redirect === undefined ? await source.target(path) : { url: redirect, headers: {} };
  const sent = await client.send(target, { headers: rangeHeaders(question), signal });
  const status = sent.response.statusCode ?? 0;
  if (status === 200 || status === 206) {
    if (sent.url.origin !== target.url.origin) transfer.redirect = sent.url;
    return sent;
  }
  const error = await refusal(sent.response, source, path);
  sent.response.destroy();
  if (redirect !== undefined && DENIED.includes(status)) {
    transfer.redirect = undefined;
    throw new FetchError("transient", `${question.name}: the redirect's URL has expired`);
  }
  if (status === 412) throw new FetchError("changed", `${question.name} changed while it was being read`);
  if (status === 416)
    throw fatal(`${question.name} is shorter than the manifest says; it is not the object that was pinned`);
  throw error;
}

async function openAt({ paths, file }: Transfer): Promise<FileHandle> {
  const handle = await openPart(paths);
  await handle.truncate(file.size);
  return handle;
}

/** Notes bytes that are on disk, and lets the hasher follow. */
function record(transfer: Transfer, span: Span, hasher: Hasher): void {
  const before = frontierOf(transfer.done);
  transfer.done = addSpan(transfer.done, span);
  const frontier = frontierOf(transfer.done);
  if (frontier > before) hasher.follow(transfer.paths.part, frontier);
}

/** Writes the sidecar, one write after another; each takes the state at its time. */
function save(transfer: Transfer, paths: PartPaths): Promise<void> {
  transfer.saving = transfer.saving.then(() => {
    const { done, validator } = transfer;
    return writePart(paths, { done, ...(validator === undefined ? {} : { validator }) });
  });
  return transfer.saving;
}

/** Verifies the whole part and gives it its final name. */
async function finish(transfer: Transfer, live: Set<Transfer>, options: DownloadOptions): Promise<void> {
  const { file, paths } = transfer;
  transfer.handle ??= await openAt(transfer);
  const found = await options.hasher.digest(paths.part, file.size);
  if (found !== file.sha256) {
    if (transfer.resumed) return restart(transfer, options);
    await dropPart(paths);
    throw fatal(
      `${options.source.name(file.path)} is not what the manifest says: sha256 is ${found}, wanted ${file.sha256}. ` +
        "It was changed after the model was registered, or damaged on the way; restore it, or pin a version that is whole.",
    );
  }
  await transfer.handle.close();
  await transfer.saving;
  await placePart(paths, options.into, file.path);
  live.delete(transfer);
}

/** Throws away all bytes of a transfer and plans it anew. */
async function restart(transfer: Transfer, { hasher, chunk, source }: DownloadOptions): Promise<void> {
  const { file, paths } = transfer;
  if (transfer.restarts >= MAX_RESTARTS) {
    throw fatal(
      `${source.name(file.path)} keeps changing while it is read; pin a version whose objects stay as they are`,
    );
  }
  await transfer.handle?.close();
  await transfer.saving;
  await dropPart(paths);
  hasher.forget(paths.part);
  Object.assign(transfer, {
    ...{
      done: [],
      todo: planChunks(file.size, chunk, []),
      ranged: false,
      stale: false,
      closing: false,
      resumed: false,
    },
    ...{
      restarts: transfer.restarts + 1,
      validator: undefined,
      handle: undefined,
      redirect: undefined,
      stop: new AbortController(),
    },
  } satisfies Partial<Transfer>);
}
