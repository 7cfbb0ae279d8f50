import { setTimeout as sleep } from "node:timers/promises";

/** A server did not give what was asked for. The message is for the user and holds no secret. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
}

/** A server cannot be reached, or cannot answer: it would not give anything else either. */
export class UnreachableError extends RemoteError {}

export interface HttpSettings {
  /** Hosts, with their ports, that may be asked without TLS; this machine's own always may. */
  readonly insecure?: readonly string[];
  /** For one attempt, with the whole body. @default 30 */
  readonly timeoutSeconds?: number;
  /** @default 4 */
  readonly attempts?: number;
  /** Before the second attempt; doubled for each further one. @default 0.5 */
  readonly backoffSeconds?: number;
  /** A server that asks to be left alone for longer is given up. @default 60 */
  readonly longestWaitSeconds?: number;
}

export interface HttpRequest {
  readonly url: URL;
  /** @default "GET" */
  readonly method?: "GET" | "HEAD" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  /** Bytes of the longest body that is read. @default 4 MiB, the largest manifest that registries take */
  readonly longestBody?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

const MEBIBYTE = 1024 * 1024;
const MOST_REDIRECTS = 5;
const PASSING = [429, 500, 502, 503, 504];
/** Failures of a connection that another attempt may not meet. */
const PASSING_CODES = ["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT"];

/**
 * Asks, again after a while when the server is busy or the connection breaks, and follows redirects. Any status but those
 * is an answer.
 *
 * @throws RemoteError when there is no answer, or when it would be asked without TLS.
 */
export async function ask(request: HttpRequest, settings: HttpSettings = {}): Promise<HttpAnswer> {
  const { attempts = 4, backoffSeconds = 0.5, longestWaitSeconds = 60 } = settings;
  for (let attempt = 1; ; attempt += 1) {
    const result = await once(request, settings);
    const isPassing = "failure" in result ? result.isPassing : PASSING.includes(result.status);
    if (!isPassing || attempt >= attempts) {
      if ("failure" in result) throw result.failure;
      if (isPassing) throw new UnreachableError(busy(request.url, result.status, attempt));
      return result;
    }
    // Half of it by chance, so that many who were refused together do not come back together.
    const usual = backoffSeconds * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    const asked = "failure" in result ? undefined : retryAfter(result.headers.get("retry-after"), Date.now());
    if (asked !== undefined && asked > longestWaitSeconds) {
      throw new UnreachableError(
        `${busy(request.url, (result as HttpAnswer).status, attempt)} It asks to wait ${Math.ceil(asked)} s.`,
      );
    }
    await sleep((asked ?? usual) * 1000);
  }
}

/** Seconds from now: a number or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** Whether a host, with or without a port, is this machine. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/.test(host);
}

export function mayBePlain(host: string, { insecure = [] }: HttpSettings): boolean {
  return isLoopback(host) || insecure.includes(host);
}

type Attempt = HttpAnswer | { readonly failure: RemoteError; readonly isPassing: boolean };

async function once(request: HttpRequest, settings: HttpSettings): Promise<Attempt> {
  const { timeoutSeconds = 30 } = settings;
  const { method = "GET", longestBody = 4 * MEBIBYTE } = request;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  let { url, headers = {} } = request;
  try {
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      if (url.protocol !== "https:" && !(url.protocol === "http:" && mayBePlain(url.host, settings))) {
        throw new RemoteError(
          `${url.host} would be asked over ${url.protocol.replace(/:$/, "")}, where others can read and change what is said. Use https, or allow it with --insecure-registry ${url.host}.`,
        );
      }
      const { body } = request;
      const response = await fetch(url, { method, headers, redirect: "manual", signal, ...(body && { body }) });
      const location = [301, 302, 303, 307, 308].includes(response.status) ? response.headers.get("location") : null;
      if (location === null || method === "POST") {
        return { status: response.status, headers: response.headers, body: await read(response, longestBody, url) };
      }
      await response.body?.cancel();
      const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (!target) throw new RemoteError(`${url.host} redirects to something that is no address.`);
      // What opens one server is not shown to another.
      if (target.origin !== url.origin) headers = withoutAuthorization(headers);
      url = target;
    }
    throw new RemoteError(`${url.host} redirects again and again.`);
  } catch (error) {
    if (error instanceof RemoteError) return { failure: error, isPassing: false };
    return connectionFailure(error, url, timeoutSeconds);
  }
}

function withoutAuthorization(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"));
}

async function read(response: Response, longest: number, url: URL): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > longest) throw new RemoteError(`${url.host} answers with more than ${longest / MEBIBYTE} MiB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function connectionFailure(error: unknown, { host }: URL, timeoutSeconds: number): Attempt {
  if (error instanceof Error && error.name === "TimeoutError") {
    return { failure: new UnreachableError(`${host} did not answer within ${timeoutSeconds} s.`), isPassing: true };
  }
  const code = codeOf(error);
  // A failure without a code is a mistake of ours.
  if (code === undefined) throw error;
  return { failure: new UnreachableError(`${host} ${reason(code, host)}.`), isPassing: PASSING_CODES.includes(code) };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

function reason(code: string, host: string): string {
  if (code === "ENOTFOUND") return "is not known by that name here (ENOTFOUND)";
  if (code === "ECONNREFUSED") return "refuses the connection (ECONNREFUSED)";
  if (/SSL_WRONG_VERSION|EPROTO|ERR_SSL_PACKET/.test(code)) {
    return `does not speak TLS (${code}); if it is meant to be without, allow it with --insecure-registry ${host}`;
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    return `has a certificate that is not trusted here (${code}); NODE_EXTRA_CA_CERTS=FILE adds the authority that signed it`;
  }
  return `cannot be reached (${code})`;
}

function busy({ host }: URL, status: number, attempts: number): string {
  const why = status === 429 ? "has been asked too often" : "is not able to answer";
  return `${host} ${why} (status ${status}, asked ${attempts} ${attempts === 1 ? "time" : "times"}).`;
}
