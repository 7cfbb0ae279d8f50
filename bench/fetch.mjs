// What `runtime fetch` gets from a local server, beside curl with the same number of connections and the same
// ranges. curl only stores the chunks, one file each; the fetcher also puts them in place and verifies the
// sha256 of every file. Both get the same bytes from the same server process, alternately.
//
//   node bench/fetch.mjs [--quick] [--runs 5] [--json]
import { fork, spawn } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const MIB = 1024 * 1024;
const CHUNK = 16 * MIB;
const PARALLEL = 8;

if (process.send !== undefined) serve(process.argv[2]);
else await bench();

/** A plain static server with ranges, in a process of its own. */
function serve(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const { size } = statSync(path);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const [start, end] = from === undefined ? [0, size - 1] : [Number(from), Math.min(Number(to), size - 1)];
    const headers = { "content-length": end - start + 1, "accept-ranges": "bytes", etag: `"${size}"` };
    if (from === undefined) response.writeHead(200, headers);
    else response.writeHead(206, { ...headers, "content-range": `bytes ${start}-${end}/${size}` });
    createReadStream(path, { start, end, highWaterMark: 512 * 1024 }).pipe(response);
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

async function bench() {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, runs: { type: "string" }, json: { type: "boolean" } },
  });
  const runs = Number(values.runs ?? 5);
  const bundle = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist", "runtime", "bundle", "fetch.mjs");
  if (!existsSync(bundle)) throw new Error("dist/runtime/bundle/fetch.mjs is missing: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "plinth-bench-fetch-"));
  const server = fork(fileURLToPath(import.meta.url), [join(folder, "source")], { stdio: "inherit" });
  try {
    const port = new Promise((resolve) => server.once("message", resolve));
    const model = makeModel(join(folder, "source"), values.quick ? 64 * MIB : 512 * MIB);
    const base = `http://127.0.0.1:${await port}/`;
    const into = join(folder, "into");
    const curl = curlConfig(folder, into, base, model.files);
    const contestants = {
      curl: () =>
        run("curl", [
          "--silent",
          "--show-error",
          "--fail",
          "--parallel",
          "--parallel-immediate",
          "--parallel-max",
          `${PARALLEL}`,
          "--config",
          curl,
        ]),
      fetch: () =>
        run(process.execPath, [
          bundle,
          "--uri",
          base,
          "--digest",
          model.digest,
          "--into",
          into,
          "--parallel",
          `${PARALLEL}`,
          "--chunk",
          "16Mi",
        ]),
    };
    const results = { curl: [], fetch: [] };
    for (let round = 0; round <= runs; round += 1) {
      // The first round only warms the page cache; the order changes from round to round.
      for (const name of round % 2 === 0 ? ["curl", "fetch"] : ["fetch", "curl"]) {
        mkdirSync(into);
        const result = await contestants[name]();
        rmSync(into, { recursive: true });
        if (round > 0) results[name].push(result);
      }
    }
    print(values.json ?? false, model.bytes, runs, results);
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Four files of pseudo-random bytes (a block cipher over zeros: fast, and nothing can compress it) and their manifest. */
function makeModel(folder, size) {
  mkdirSync(folder);
  const files = [0, 1, 2, 3].map((index) => {
    const path = `model-0000${index + 1}-of-00004.safetensors`;
    const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, index), Buffer.alloc(16));
    const zeros = Buffer.alloc(4 * MIB);
    const hash = createHash("sha256");
    const fd = openSync(join(folder, path), "w");
    for (let at = 0; at < size; at += zeros.length) {
      const block = cipher.update(zeros);
      hash.update(block);
      writeSync(fd, block);
    }
    closeSync(fd);
    return { path, size, sha256: hash.digest("hex") };
  });
  const manifest = JSON.stringify({ version: 1, files });
  writeFileSync(join(folder, "manifest.json"), manifest);
  return { files, bytes: 4 * size, digest: `sha256:${createHash("sha256").update(manifest).digest("hex")}` };
}

/** One transfer for each chunk, as the fetcher asks for them. */
function curlConfig(folder, into, base, files) {
  const lines = files.flatMap(({ path, size }) =>
    Array.from({ length: Math.ceil(size / CHUNK) }, (_, index) => {
      const range = `${index * CHUNK}-${Math.min(size, (index + 1) * CHUNK) - 1}`;
      return `url = "${base}${path}"\nrange = "${range}"\noutput = "${join(into, `${path}.${index}`)}"`;
    }),
  );
  const config = join(folder, "curl.config");
  writeFileSync(config, `${lines.join("\nnext\nfail\nsilent\n")}\n`);
  return config;
}

/** Runs a program to its end: seconds, and its peak resident memory in MiB (polled from /proc, where that exists). */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    let peak = 0;
    child.stderr.on("data", (data) => (words += data));
    const poll = setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), 20);
    child.on("error", reject);
    child.on("close", (status) => {
      clearInterval(poll);
      if (status === 0) resolve({ seconds: (performance.now() - start) / 1000, peak });
      else reject(new Error(`${command} ended with ${status}: ${words.slice(-2000)}`));
    });
  });
}

function peakOf(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function print(json, bytes, runs, { curl, fetch }) {
  const rate = (results) => bytes / MIB / median(results.map(({ seconds }) => seconds));
  const peak = (results) => Math.max(...results.map((result) => result.peak));
  const summary = {
    mebibytes: bytes / MIB,
    runs,
    curl: { mebibytesPerSecond: Math.round(rate(curl)), peakMebibytes: Math.round(peak(curl)) },
    fetch: { mebibytesPerSecond: Math.round(rate(fetch)), peakMebibytes: Math.round(peak(fetch)) },
    ratio: Number((rate(fetch) / rate(curl)).toFixed(2)),
  };
  if (json) return console.log(JSON.stringify(summary));
  console.log(
    `fetch: ${summary.mebibytes} MiB in 4 files, ${PARALLEL} connections, ranges of ${CHUNK / MIB} MiB, median of ${runs} runs`,
  );
  console.log(
    `  curl, bytes not verified      ${summary.curl.mebibytesPerSecond} MiB/s, peak ${summary.curl.peakMebibytes} MiB`,
  );
  console.log(
    `  plinth fetch, sha256 verified ${summary.fetch.mebibytesPerSecond} MiB/s, peak ${summary.fetch.peakMebibytes} MiB`,
  );
  console.log(`  ratio ${summary.ratio} (wanted: at least 0.8, and at most 150 MiB)`);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}
