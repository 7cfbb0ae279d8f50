import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FetchOptions, fetchModel } from "./fetch.js";
import { answer, bytesOf, type Fault, type Model, modelOf, serveObjects, type TestServer } from "./fixtures/server.js";

const CHUNK = 64 * 1024;
const big = bytesOf(1, 10 * CHUNK + 7);
const model = modelOf({
  "1/model.bin": big,
  "config.pbtxt": bytesOf(2, 100),
  empty: Buffer.alloc(0),
  "ä +%.txt": bytesOf(3, 5),
});

let into: string;
let server: TestServer;
beforeEach(() => {
  into = mkdtempSync(join(tmpdir(), "plinth-fetch-test-"));
});
afterEach(async () => {
  await server?.close();
  rmSync(into, { recursive: true, force: true });
});

async function run(fault?: Fault, options: Partial<FetchOptions> = {}, of: Model = model) {
  server = await serveObjects(of.objects, fault);
  return fetchModel({ ...settings(of), ...options });
}
const settings = (of: Model = model): FetchOptions => ({
  ...{ uri: server.url, digest: of.digest, into, chunk: CHUNK, parallel: 4, env: {} },
  ...{ retry: { attempts: 4, firstDelay: 5 }, idleTimeout: 2000 },
});
const on =
  (wanted: string, act: (request: IncomingMessage, response: ServerResponse) => void): Fault =>
  (request, response, path) => {
    if (path === wanted) act(request, response);
    return path === wanted;
  };
const file = (path: string) => readFileSync(join(into, path));
const wholeModelIsThere = () => {
  for (const [path, bytes] of model.objects) if (path !== "manifest.json") expect(file(path).equals(bytes)).toBe(true);
  expect(readdirSync(into).sort()).toEqual([".plinth-fetch.json", "1", "config.pbtxt", "empty", "ä +%.txt"]);
};
const nothingUnderFinalName = () => expect(existsSync(join(into, "1/model.bin"))).toBe(false);

describe("fetchModel", () => {
  test("fills a directory by ranges and leaves files, marker and nothing else", async () => {
    expect(await run()).toMatchObject({ files: 4, bytes: big.length + 105, kept: 0 });
    wholeModelIsThere();
    const ranges = server.seen.flatMap(({ headers }) => headers.range ?? []);
    expect(ranges.length).toBe(11);
    expect(new Set(ranges).size).toBe(11);
  });

  test("keeps files with the right hash and fetches a damaged one again", async () => {
    await run();
    writeFileSync(join(into, "config.pbtxt"), Buffer.alloc(100));
    const before = server.seen.length;
    expect(await fetchModel(settings())).toMatchObject({ kept: 3 });
    expect(server.seen.slice(before).map(({ path }) => path)).toEqual(["manifest.json", "config.pbtxt"]);
    wholeModelIsThere();
  });

  test("removes what only the version before had, and leaves files of others", async () => {
    await run();
    await server.close();
    writeFileSync(join(into, "notes"), "mine");
    await run(undefined, {}, modelOf({ "2/model.bin": bytesOf(9, 9) }));
    expect(existsSync(join(into, "1/model.bin"))).toBe(false);
    expect(file("2/model.bin").equals(bytesOf(9, 9))).toBe(true);
    expect(file("notes").toString()).toBe("mine");
  });

  test("continues where a dropped body ended", async () => {
    let drops = 0;
    await run((request, response, path) => {
      if (path !== "1/model.bin" || drops >= 3) return false;
      drops += 1;
      const start = Number(/=(\d+)/.exec(request.headers.range ?? "")?.[1]);
      response.writeHead(206, {
        "content-length": CHUNK,
        "content-range": `bytes ${start}-${start + CHUNK - 1}/${big.length}`,
      });
      response.write(big.subarray(start, start + 1000), () => setTimeout(() => response.destroy(), 30));
      return true;
    });
    wholeModelIsThere();
    expect(drops).toBe(3);
    expect(server.seen.some(({ headers }) => headers.range?.startsWith("bytes=1000-"))).toBe(true);
  });

  test("waits as long as Retry-After says after 503, and repeats", async () => {
    const start = performance.now();
    await run((_request, response, path, count) => {
      if (path !== "config.pbtxt" || count > 1) return false;
      response.writeHead(503, { "retry-after": "1" }).end();
      return true;
    });
    expect(performance.now() - start).toBeGreaterThan(950);
    wholeModelIsThere();
  });

  test("gives up after the attempts it has, with the reason", async () => {
    const fault: Fault = on("config.pbtxt", (_request, response) => response.writeHead(500).end());
    await expect(run(fault)).rejects.toThrow(/config\.pbtxt: HTTP 500; gave up after 4 attempts/);
    expect(server.seen.filter(({ path }) => path === "config.pbtxt").length).toBe(4);
  });

  test.each([
    [401, /HTTP 401; the server wants credentials/],
    [403, /HTTP 403; the server wants credentials/],
    [404, /HTTP 404; there is no such object: check the URI/],
  ])("stops at once on %i and says what to do", async (status, message) => {
    const fault: Fault = on("config.pbtxt", (_request, response) => response.writeHead(status).end());
    await expect(run(fault)).rejects.toThrow(message);
    expect(server.seen.filter(({ path }) => path === "config.pbtxt").length).toBe(1);
    expect(existsSync(join(into, ".plinth-fetch.json"))).toBe(false);
  });

  test("takes the whole body from a server that ignores ranges, and again when it is cut", async () => {
    let cut = false;
    await run((_request, response, path) => {
      if (path !== "1/model.bin") return false;
      response.writeHead(200, { "content-length": big.length });
      if (cut) response.end(big);
      else response.write(big.subarray(0, 3 * CHUNK), () => setTimeout(() => response.destroy(), 30));
      cut = true;
      return true;
    });
    wholeModelIsThere();
    expect(server.seen.filter(({ path }) => path === "1/model.bin").length).toBe(2);
  });

  test("does not mix bytes of two objects: a changed ETag starts the file anew", async () => {
    let count = 0;
    await run((request, response, path) => {
      count += path === "1/model.bin" ? 1 : 0;
      if (path !== "1/model.bin" || count > 3) return false;
      answer(request, response, Buffer.from(big).fill(count, 0, 9));
      return true;
    });
    wholeModelIsThere();
  });

  test("ends with the reason when the object keeps changing", async () => {
    let count = 0;
    const fault: Fault = (request, response, path) => {
      if (path !== "1/model.bin") return false;
      count += 1;
      answer(request, response, Buffer.from(big).fill(count % 251, 0, 9));
      return true;
    };
    await expect(run(fault)).rejects.toThrow(/keeps changing while it is read/);
    nothingUnderFinalName();
  });

  test("refuses an object of another size or other bytes than the manifest says", async () => {
    const longer: Fault = on("1/model.bin", (request, response) =>
      answer(request, response, Buffer.concat([big, big])),
    );
    await expect(run(longer)).rejects.toThrow(`has ${2 * big.length} bytes, the manifest says ${big.length}`);
    await server.close();
    const other: Fault = on("1/model.bin", (request, response) =>
      answer(request, response, Buffer.from(big).fill(0, 0, 9)),
    );
    await expect(run(other)).rejects.toThrow(/is not what the manifest says: sha256 is [0-9a-f]{64}, wanted/);
    nothingUnderFinalName();
  });

  test("keeps what has arrived when it is stopped, and asks only for the rest afterwards", async () => {
    const stop = new AbortController();
    const slow: Fault = (_request, _response, path) => {
      const requests = server.seen.filter((other) => other.path === path).length;
      if (path !== "1/model.bin" || requests < 6) return false;
      setTimeout(() => stop.abort(), 50);
      return true;
    };
    await expect(run(slow, { parallel: 1, signal: stop.signal })).rejects.toThrow(/stopped before the end.*run again/);
    nothingUnderFinalName();
    await server.close();
    await run();
    wholeModelIsThere();
    expect(server.seen.filter(({ path }) => path === "1/model.bin").length).toBe(6);
    expect(server.seen.filter(({ headers }) => headers["if-range"] !== undefined).length).toBe(6);
  });

  test("does not believe a sidecar over the hash", async () => {
    server = await serveObjects(
      model.objects,
      on("1/model.bin", (_request, response) => response.writeHead(403).end()),
    );
    await expect(fetchModel(settings())).rejects.toThrow();
    await server.close();
    const parts = join(into, ".plinth-fetch.parts");
    const { partPaths } = await import("./parts.js");
    const { sha256 } = await import("./fixtures/server.js");
    const paths = partPaths(into, { path: "1/model.bin", size: big.length, sha256: sha256(big) });
    expect(paths.part.startsWith(parts)).toBe(true);
    writeFileSync(paths.part, Buffer.alloc(big.length));
    writeFileSync(paths.sidecar, JSON.stringify({ done: [{ start: 0, end: big.length }] }));
    await run();
    wholeModelIsThere();
  });

  test("does not write through a symbolic link", async () => {
    const outside = mkdtempSync(join(tmpdir(), "plinth-fetch-outside-"));
    symlinkSync(outside, join(into, "1"));
    await expect(run()).rejects.toThrow(/is a symbolic link, where the model has a directory/);
    expect(readdirSync(outside)).toEqual([]);
    rmSync(outside, { recursive: true });
  });

  test("follows a redirect to another host without the credentials", async () => {
    const cdn = await serveObjects(model.objects);
    server = await serveObjects(new Map(), (_request, response, path) => {
      response
        .writeHead(302, {
          location: `${cdn.url}${encodeURIComponent(path.replace("org/repo/resolve/abc/", ""))}?signature=secret`,
        })
        .end();
      return true;
    });
    const manifest = join(into, "..", `${into.split("/").at(-1)}.json`);
    writeFileSync(manifest, model.objects.get("manifest.json")!);
    const cdnModel = modelOf({ "config.pbtxt": bytesOf(2, 100) });
    writeFileSync(manifest, cdnModel.objects.get("manifest.json")!);
    const env = { HF_ENDPOINT: server.url, HF_TOKEN: "hf_secret" };
    await fetchModel({ ...settings(cdnModel), uri: "hf://org/repo@abc", manifest, env });
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer hf_secret"]);
    expect(cdn.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(file("config.pbtxt").equals(bytesOf(2, 100))).toBe(true);
    rmSync(manifest);
    await cdn.close();
  });

  test("says what is wrong with its arguments before anything is sent", async () => {
    server = await serveObjects(model.objects);
    const bad = (options: Partial<FetchOptions>) => fetchModel({ ...settings(), ...options });
    await expect(bad({ digest: "sha256:1" })).rejects.toThrow(/--digest "sha256:1": use sha256: and 64/);
    await expect(bad({ uri: "ftp://x/y" })).rejects.toThrow(/--uri ftp:\/\/x\/y: use s3:/);
    await expect(bad({ uri: "http://example.com/m/" })).rejects.toThrow(/http is not encrypted/);
    await expect(bad({ uri: "https://u:pw@example.com/m/" })).rejects.toThrow(
      /^--uri https:\/\/example.com\/m\/: a user or password/,
    );
    await expect(bad({ uri: "hf://org/repo" })).rejects.toThrow(/hf:\/\/org\/repo@revision/);
    await expect(bad({ uri: "s3://bucket/p/" })).rejects.toThrow(/s3:\/\/ needs credentials/);
    await expect(bad({ parallel: 0 })).rejects.toThrow(/--parallel 0: use a whole number from 1 to 64/);
    expect(server.seen).toEqual([]);
  });

  test("names the file that stands where the directory should be", async () => {
    server = await serveObjects(model.objects);
    writeFileSync(join(into, "taken"), "");
    await expect(fetchModel({ ...settings(), into: join(into, "taken") })).rejects.toThrow(/cannot write .*taken/);
  });
});
