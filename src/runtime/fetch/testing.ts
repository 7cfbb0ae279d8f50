/** What the fetcher's tests share: a server of objects with faults on demand, and a model to serve. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

/** Bytes that differ at every place, so that a misplaced chunk shows. */
export function bytesOf(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, x = seed + 1; at + 4 <= size; at += 4) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(x, at);
  }
  return bytes;
}

export interface Model {
  readonly objects: Map<string, Buffer>;
  readonly digest: string;
}

export function modelOf(files: Readonly<Record<string, Buffer>>): Model {
  const list = Object.entries(files).map(([path, bytes]) => ({ path, size: bytes.length, sha256: sha256(bytes) }));
  const manifest = Buffer.from(JSON.stringify({ version: 1, files: list, provenance: { by: "test" } }));
  return {
    objects: new Map([["manifest.json", manifest], ...Object.entries(files)]),
    digest: `sha256:${sha256(manifest)}`,
  };
}

/** Handles a request itself (true), or leaves it to the server of objects. `count` is the number of requests of the path so far. */
export type Fault = (request: IncomingMessage, response: ServerResponse, path: string, count: number) => boolean;

export interface TestServer {
  readonly url: string;
  readonly seen: { path: string; headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

/** Serves objects by path below `prefix`, with ranges and ETags, as S3 and static web servers do. */
export async function serveObjects(
  objects: ReadonlyMap<string, Buffer>,
  fault: Fault = () => false,
  prefix = "/",
): Promise<TestServer> {
  const seen: TestServer["seen"] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname).slice(prefix.length);
    seen.push({ path, headers: request.headers });
    if (!fault(request, response, path, seen.filter((other) => other.path === path).length)) {
      answer(request, response, objects.get(path));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The right answer for an object: whole, a range, 404 or 416. */
export function answer(request: IncomingMessage, response: ServerResponse, object: Buffer | undefined): void {
  if (object === undefined) return void response.writeHead(404).end();
  const etag = `"${sha256(object).slice(0, 16)}"`;
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const same = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
  if (from === undefined || !same) {
    return void response.writeHead(200, { etag, "content-length": object.length }).end(object);
  }
  const [start, end] = [Number(from), Math.min(Number(to), object.length - 1)];
  if (start >= object.length)
    return void response.writeHead(416, { "content-range": `bytes */${object.length}` }).end();
  const headers = {
    etag,
    "content-length": end - start + 1,
    "content-range": `bytes ${start}-${end}/${object.length}`,
  };
  response.writeHead(206, headers).end(object.subarray(start, end + 1));
}
