// Builds the tools of the end-to-end tests, one after the other, each once: what is built stands in the user's cache.
//
//   node test/e2e/tools/build.mjs            all of them
//   node test/e2e/tools/build.mjs etcd kwok  these

import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startGuarded } from "../processes/guarded.mjs";
import { cached, cacheFolder, entryOf, gigabytesFree, locked, makePartial, publish, sweep } from "./cache.mjs";
import { tools as ourTools } from "./tools.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const oldestGo = [1, 26];

// The user's own Go settings are for the user's own modules: no workspace, no other platform, no newer toolchain that
// would be downloaded. An empty GOFLAGS would not do, Go then reads the one of `go env -w`.
const goEnvironment = {
  GOFLAGS: "-mod=readonly",
  GOTOOLCHAIN: "local",
  GOWORK: "off",
  GO111MODULE: "on",
  GOOS: undefined,
  GOARCH: undefined,
};

/** @param {string} line */
const toStderr = (line) => process.stderr.write(`${line}\n`);

export async function buildTools(names, { tools = ourTools, gigabytes = 4, log = toStderr } = {}) {
  const asked = known(names, tools);
  const go = findGo();
  const results = {};
  for (const [index, name] of asked.entries()) {
    const count = `${index + 1}/${asked.length}`;
    results[name] = await buildTool(name, tools[name], go, { count, gigabytes, log });
    if (results[name].missing !== undefined) log(results[name].missing);
  }
  return results;
}

export function builtTools(names, { tools = ourTools } = {}) {
  const go = findGo();
  return Object.fromEntries(
    known(names, tools).map((name) => {
      const tool = tools[name];
      if (go.missing !== undefined) return [name, missing(tool, go.missing)];
      const path = cached(entryOf(name, tool, resolve(here, tool.module), go));
      return [name, path ? { path } : missing(tool, `\`node test/e2e/tools/build.mjs ${name}\` builds it.`)];
    }),
  );
}

function known(names, tools) {
  for (const name of names ?? []) {
    if (!Object.hasOwn(tools, name)) {
      throw new Error(`There is no tool "${name}". The tools are ${Object.keys(tools).join(", ")}.`);
    }
  }
  return names ?? Object.keys(tools);
}

const missing = (tool, reason) => ({ missing: `${tool.about} is not built: ${reason}` });

async function buildTool(name, tool, go, { count, gigabytes, log }) {
  if (go.missing !== undefined) return missing(tool, go.missing);
  try {
    const moduleFolder = resolve(here, tool.module);
    const entry = entryOf(name, tool, moduleFolder, go);
    const fromCache = (path) => {
      log(`${tool.about}: from the cache`);
      return { path };
    };
    const there = cached(entry);
    if (there !== undefined) return fromCache(there);

    const onWait = (pid) => log(`${tool.about}: process ${pid} is building it, waiting …`);
    return await locked(entry, onWait, async () => {
      sweep(entry, { others: false });
      const fromOther = cached(entry);
      if (fromOther !== undefined) return fromCache(fromOther);
      const full = fullDisk(go, gigabytes);
      if (full !== undefined) return missing(tool, full);
      if (existsSync(entry.folder)) log(`${tool.about}: the copy in the cache is damaged`);
      log(`${tool.about}: building (${count}) …`);
      const started = Date.now();
      const built = await goBuild(tool, moduleFolder, entry);
      if (built.path !== undefined) log(`${tool.about}: built in ${Math.round((Date.now() - started) / 1000)} s`);
      return built;
    });
  } catch (error) {
    return missing(tool, `${error.message}.`);
  }
}

async function goBuild(tool, moduleFolder, entry) {
  const partial = makePartial(entry);
  try {
    const ldflags = ["-s -w", ...tool.ldflags].join(" ");
    const output = join(partial, tool.binary);
    const failure = await runGo(["build", "-buildvcs=false", "-ldflags", ldflags, "-o", output, tool.package], {
      cwd: moduleFolder,
      env: { ...goEnvironment, GOTMPDIR: join(partial, "work") },
    });
    if (failure !== undefined) return missing(tool, failure);
    rmSync(join(partial, "work"), { recursive: true, force: true });
    const path = publish(entry, partial);
    sweep(entry, { others: true });
    return { path };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** Why go did not succeed, with the first lines of what it says. */
async function runGo(args, { cwd, env }) {
  const { child, exited } = startGuarded("go", "go", args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const { code, signal } = await exited;
  if (code === 0) return undefined;
  const errors = said.split("\n").filter((line) => line.trim() !== "" && !/^go: (downloading|finding) /.test(line));
  const end = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
  return `go build ${end}${errors.length > 0 ? `: ${errors.slice(0, 3).join(" | ")}` : "."}`;
}

/** The installed Go: what of it makes a difference to a binary, and where it writes. */
function findGo() {
  const wanted = `install Go ${oldestGo.join(".")} or later`;
  const variables = ["GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED", "GOCACHE", "GOMODCACHE"];
  const go = spawnSync("go", ["env", "-json", ...variables], {
    cwd: here,
    env: { ...process.env, ...goEnvironment },
    encoding: "utf8",
  });
  if (go.error?.code === "ENOENT") return { missing: `there is no go on PATH: ${wanted}.` };
  if (go.error !== undefined) return { missing: `go cannot be started (${go.error.message}): ${wanted}.` };
  if (go.status !== 0) return { missing: `\`go env\` fails: ${go.stderr.trim().split("\n")[0]}` };
  const { GOVERSION, GOOS, GOARCH, CGO_ENABLED, GOCACHE, GOMODCACHE } = JSON.parse(go.stdout);
  const [, major, minor] = GOVERSION.match(/go(\d+)\.(\d+)/) ?? [];
  if (Number(major) !== oldestGo[0] || Number(minor) < oldestGo[1]) {
    return { missing: `the go on PATH is ${GOVERSION}: ${wanted}.` };
  }
  return { version: GOVERSION, target: [GOOS, GOARCH, CGO_ENABLED], folders: [GOCACHE, GOMODCACHE] };
}

function fullDisk(go, gigabytes) {
  for (const folder of [cacheFolder(), ...go.folders]) {
    const free = gigabytesFree(folder);
    if (free < gigabytes) {
      return `a build needs ${gigabytes} GB of free disk and ${folder} has ${free.toFixed(1)} GB: make room, or set PLINTH_CACHE, GOCACHE and GOMODCACHE to folders elsewhere.`;
    }
  }
  return undefined;
}

async function main(args) {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`Usage: node test/e2e/tools/build.mjs [NAME…]\nNames: ${Object.keys(ourTools).join(" ")}\n`);
    return 0;
  }
  let results;
  try {
    results = await buildTools(args.length > 0 ? args : undefined);
  } catch (error) {
    toStderr(error.message);
    return 2;
  }
  for (const [name, { path }] of Object.entries(results)) if (path) process.stdout.write(`${name} ${path}\n`);
  return Object.values(results).every(({ path }) => path !== undefined) ? 0 : 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  process.exitCode = await main(process.argv.slice(2));
}
