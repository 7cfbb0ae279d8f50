import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answer, bytesOf, modelOf, serveObjects } from "./fixtures/server.js";

const SIZE = 8 * 1024 * 1024;
const model = modelOf({ "a.bin": bytesOf(1, SIZE), "b.bin": bytesOf(2, 1000) });
let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plinth-fetch-bundle-"));
  bundle = join(folder, "fetch.mjs");
  const entry = join(import.meta.dirname, "main.ts");
  const options = { bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "error" } as const;
  await build({ ...options, entryPoints: [entry], outfile: bundle });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(
  script: string,
  args: readonly string[],
): { child: ChildProcess; end: Promise<{ status: number | null; words: string }> } {
  const child = spawn(process.execPath, [script, ...args], { env: { PATH: process.env.PATH ?? "" } });
  let words = "";
  child.stderr.on("data", (data: Buffer) => {
    words += data.toString();
  });
  return { child, end: new Promise((resolve) => child.on("close", (status) => resolve({ status, words }))) };
}
const run = (...args: string[]) => start(bundle, args).end;

test("the bundle is one small file that imports nothing but Node", () => {
  expect(statSync(bundle).size).toBeLessThan(100_000);
  const imports = [...readFileSync(bundle, "utf8").matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name);
  expect(imports.length).toBeGreaterThan(5);
  expect(imports.filter((name) => !name?.startsWith("node:"))).toEqual([]);
});

test("wrong arguments end with status 2 and say which", async () => {
  expect(await run("--uri", "https://example.com/")).toEqual({
    status: 2,
    words: "fetch: error: --digest, --into missing; --help shows an example\n",
  });
  const full = ["--uri", "https://example.com/", "--digest", model.digest, "--into", folder];
  expect(await run(...full, "--chunk", "big")).toEqual({
    status: 2,
    words: 'fetch: error: --chunk "big" is not a number of bytes, such as 16Mi\n',
  });
});

test("killed in the middle it leaves no final file, and the next run finishes with the right bytes", async () => {
  let slow = true;
  const server = await serveObjects(model.objects, (request, response, path, count) => {
    if (!slow || path !== "a.bin" || count < 20) return false;
    response.writeHead(206, { "content-length": 1 });
    return request.headers.range !== undefined;
  });
  const into = join(folder, "killed");
  // As a ConfigMap mounts it: through a symbolic link.
  const link = join(folder, "link.mjs");
  symlinkSync(bundle, link);
  const args = ["--uri", server.url, "--digest", model.digest, "--into", into, "--chunk", "256Ki", "--parallel", "4"];
  const first = start(link, args);
  while (server.seen.filter(({ path }) => path === "a.bin").length < 23)
    await new Promise((resolve) => setTimeout(resolve, 10));
  first.child.kill("SIGKILL");
  expect((await first.end).status).toBe(null);
  expect(readdirSync(into)).not.toContain("a.bin");
  expect(readdirSync(into)).not.toContain(".plinth-fetch.json");
  slow = false;
  const before = server.seen.length;
  const second = await start(link, args).end;
  expect(second.status).toBe(0);
  expect(second.words).toMatch(/^fetch: done: 2 files, 8\.0 MiB, \d kept, in \d+\.\d s\n$/);
  expect(readFileSync(join(into, "a.bin")).equals(model.objects.get("a.bin")!)).toBe(true);
  expect(readdirSync(into).sort()).toEqual([".plinth-fetch.json", "a.bin", "b.bin"]);
  expect(server.seen.slice(before).filter(({ path }) => path === "a.bin").length).toBeLessThan(20);
  await server.close();
});

test("SIGTERM stops it with status 1, and neither a query nor a token shows in its output", async () => {
  const server = await serveObjects(model.objects, (request, response, path, count) => {
    if (path === "a.bin" && count > 3) return true;
    answer(request, response, model.objects.get(path));
    return true;
  });
  const args = [
    "--uri",
    `${server.url}?sig=secret`,
    "--digest",
    model.digest,
    "--into",
    join(folder, "stopped"),
    "--chunk",
    "256Ki",
  ];
  const { child, end } = start(bundle, args);
  while (server.seen.filter(({ path }) => path === "a.bin").length < 4)
    await new Promise((resolve) => setTimeout(resolve, 10));
  child.kill("SIGTERM");
  const { status, words } = await end;
  expect(status).toBe(1);
  expect(words).toBe("fetch: error: stopped before the end; what has arrived is kept, run again to continue\n");
  await server.close();
});
