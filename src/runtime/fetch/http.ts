import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, FetchError, fatal, messageOf } from "./errors.js";

export type Headers = Readonly<Record<string, string>>;

/** Where one object is, with the headers that open it. */
export interface Target {
  readonly url: URL;
  readonly headers: Headers;
}

export interface Client {
  /** One request; redirects are followed, without the target's own headers once they leave its origin. */
  send(target: Target, options?: SendOptions): Promise<{ response: http.IncomingMessage; url: URL }>;
  close(): void;
}

export interface SendOptions {
  readonly method?: "GET" | "PUT" | "POST";
  /** Headers that are not secret and go with every hop. */
  readonly headers?: Headers;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface ClientOptions {
  /** Requests open at the same time. */
  readonly parallel: number;
  /** Allow `http://` to hosts other than this machine. */
  readonly allowHttp: boolean;
  /** Milliseconds without a byte until a connection is given up. */
  readonly idleTimeout: number;
}

export const bearer = (token: string | undefined): Headers => (token ? { authorization: `Bearer ${token}` } : {});

const MAX_REDIRECTS = 5;

/** A URL without query and credentials: signed URLs carry secrets there. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

export function isLoopback(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

export function createClient({ parallel, allowHttp, idleTimeout }: ClientOptions): Client {
  const options = { keepAlive: true, maxSockets: parallel + 2, scheduling: "lifo" } as const;
  const agents = { "http:": new http.Agent(options), "https:": new https.Agent(options) };

  async function send(target: Target, options: SendOptions = {}) {
    let url = target.url;
    let own = target.headers;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const response = await sendOnce(url, { ...own, ...options.headers }, options);
      const location = response.headers.location;
      if (![301, 302, 303, 307, 308].includes(response.statusCode ?? 0) || location === undefined) {
        return { response, url };
      }
      response.resume();
      const next = nextUrl(location, url, allowHttp);
      if (next.origin !== url.origin) own = {};
      url = next;
    }
    throw fatal(`${shown(target.url)} redirects more than ${MAX_REDIRECTS} times`);
  }

  function sendOnce(url: URL, headers: Headers, options: SendOptions): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      const secure = url.protocol === "https:";
      const request = (secure ? https : http).request(url, {
        method: options.method ?? "GET",
        headers: { "user-agent": "plinth-fetch", "accept-encoding": "identity", ...headers },
        agent: agents[secure ? "https:" : "http:"],
        timeout: idleTimeout,
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      request.on("timeout", () =>
        request.destroy(new FetchError("transient", `no byte from ${url.host} for ${idleTimeout / 1000} s`)),
      );
      request.on("error", (error) => reject(networkError(error, url)));
      request.on("response", resolve);
      request.end(options.body);
    });
  }

  return {
    send,
    close: () => {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function nextUrl(location: string, from: URL, allowHttp: boolean): URL {
  if (!URL.canParse(location, from.href)) throw fatal(`${shown(from)} redirects to something that is not a URL`);
  const url = new URL(location, from);
  const plain = url.protocol === "http:" && (url.origin === from.origin || allowHttp || isLoopback(url));
  if (url.protocol === "https:" || plain) return url;
  throw fatal(
    `${shown(from)} redirects to ${url.protocol}//${url.host}, which is not encrypted; --allow-http allows it`,
  );
}

/** Faults that another attempt does not mend, with the reason in words. */
const HOPELESS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "the certificate is for another host name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is not trusted; set NODE_EXTRA_CA_CERTS",
  SELF_SIGNED_CERT_IN_CHAIN: "the certificate is not trusted; set NODE_EXTRA_CA_CERTS",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the certificate is not trusted; set NODE_EXTRA_CA_CERTS",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the certificate is not trusted; set NODE_EXTRA_CA_CERTS",
  CERT_HAS_EXPIRED: "the certificate has expired",
};

/** A fault of the connection in words; an abort by our own signal passes through. */
export function networkError(error: unknown, url: URL): unknown {
  if (error instanceof FetchError || (error instanceof Error && error.name === "AbortError")) return error;
  const why = HOPELESS[codeOf(error)];
  if (why !== undefined) return fatal(`cannot reach ${url.host}: ${why}`);
  return new FetchError("transient", `the connection to ${url.host} failed: ${codeOf(error) || messageOf(error)}`);
}

/** The beginning of a body as text, at most `limit` bytes; more is an error unless `cut`. */
export async function readText(response: http.IncomingMessage, limit: number, cut = false): Promise<string> {
  return (await readBytes(response, limit, cut)).toString("utf8");
}

/** A whole small body in memory; `cut` ends quietly at `limit` bytes instead of failing. */
export async function readBytes(response: http.IncomingMessage, limit: number, cut = false): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > limit && !cut) throw fatal(`the answer is larger than ${limit} bytes`);
    if (size > limit) break;
  }
  return Buffer.concat(parts).subarray(0, limit);
}

/** Milliseconds a Retry-After header asks for (seconds or an HTTP date), at most two minutes. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 120_000) : undefined;
}

export interface Retry {
  /** Attempts in a row without progress before giving up. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubles with each, up to 20 s. */
  readonly firstDelay: number;
}

/** Milliseconds before attempt `failures + 1`: exponential, the upper half random so that pods do not march in step. */
function backoff({ firstDelay }: Retry, failures: number, random = Math.random): number {
  const full = Math.min(firstDelay * 2 ** (failures - 1), 20_000);
  return full / 2 + (random() * full) / 2;
}

/**
 * Repeats a step on transient faults. `progress` grows when an attempt got somewhere: the count of
 * failures starts anew then, so that a long download over a bad line still ends.
 */
export async function persist<T>(
  step: () => Promise<T>,
  retry: Retry,
  signal?: AbortSignal,
  progress: () => number = () => 0,
): Promise<T> {
  for (let failures = 0, reached = progress(); ; ) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof FetchError) || error.kind !== "transient") throw error;
      failures = progress() > reached ? 1 : failures + 1;
      reached = Math.max(reached, progress());
      if (failures >= retry.attempts) throw fatal(`${error.message}; gave up after ${failures} attempts`);
      await sleep(Math.max(error.retryAfter ?? 0, backoff(retry, failures)), undefined, signal ? { signal } : {});
    }
  }
}
