import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** How to reach an API server. */
export interface Server {
  /** `https://127.0.0.1:…` */
  readonly server: string;
  /** Certificates that the server's own is checked against, PEM. */
  readonly ca: string;
  /** Bearer token. */
  readonly token: string;
}

/** What the server said no to, and why, in its own words. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly method: string,
    readonly path: string,
    readonly status: number,
    readonly reason: string,
  ) {
    super(`${method} ${path}: ${status} ${reason}`);
  }
}

/** Sends one request and gives the parsed answer. */
export type Send = (method: string, path: string, body?: unknown, contentType?: string) => Promise<unknown>;

const RETRIES = 10;

/** Requests of one server over kept connections. */
export function sender({ server, ca, token }: Server): Send {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 16 });
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };

  return async function send(method, path, body, contentType = "application/json") {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    for (let attempt = 0; ; attempt += 1) {
      const answer = await exchange(method, path, payload, contentType);
      // The server asks to come back later, for instance while the storage of a new kind is being made.
      if (answer.status !== 429 || answer.retryAfter === undefined || attempt === RETRIES)
        return read(method, path, answer);
      await sleep(answer.retryAfter * 1000);
    }
  };

  function exchange(method: string, path: string, payload: string | undefined, contentType: string): Promise<Answer> {
    // The length is stated because Node sends the body of a DELETE without any frame otherwise.
    const framed = payload !== undefined && {
      "Content-Type": contentType,
      "Content-Length": Buffer.byteLength(payload),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, server),
        { method, agent, headers: { ...headers, ...framed } },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const retryAfter = incoming.headers["retry-after"];
            resolve({
              status: incoming.statusCode ?? 0,
              text: Buffer.concat(chunks).toString(),
              ...(retryAfter !== undefined && { retryAfter: Number(retryAfter) }),
            });
          });
        },
      );
      outgoing.on("error", (error) =>
        reject(new Error(`${method} ${path}: no answer from the API server at ${server}: ${error.message}`)),
      );
      outgoing.end(payload);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter?: number;
}

function read(method: string, path: string, { status, text }: Answer): unknown {
  const parsed = parse(text);
  if (status >= 200 && status < 300) return parsed;
  const { message } = (typeof parsed === "object" && parsed !== null ? parsed : {}) as { readonly message?: string };
  throw new ApiError(method, path, status, message ?? text.trim());
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // health endpoints and proxies answer in plain text
  }
}
