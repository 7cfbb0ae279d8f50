import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { run, type Started, start } from "../processes/processes.js";
import { identity } from "../processes/sessions.mjs";
import { buildTools, builtTools } from "./build.mjs";
import type { Tool } from "./tools.mjs";

const realGo = execFileSync("bash", ["-c", "command -v go"], { encoding: "utf8" }).trim();

let folder: string;
let shelf: string;
let log: string[];
const toStop: Started[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plinth-tools-"));
  vi.stubEnv("PLINTH_CACHE", join(folder, "cache"));
  shelf = join(folder, "cache/tools/hello");
  log = [];
  writeModule("hello", hello("one"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(toStop.splice(0).map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const hello = (greeting: string) =>
  `package main\n\nvar version = "none"\n\nfunc main() { print("${greeting} " + version) }\n`;

function writeModule(name: string, main: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, "go.mod"), `module plinth.test/${name}\n\ngo 1.26\n`);
  writeFileSync(join(folder, name, "main.go"), main);
}

const tool = (name: string, settings: Partial<Tool> = {}): Tool => ({
  module: join(folder, name),
  package: ".",
  binary: "hello",
  ldflags: ["-X main.version=1.0"],
  about: `${name} 1.0`,
  ...settings,
});

const build = (tools: Record<string, Tool> = { hello: tool("hello") }, gigabytes = 0) =>
  buildTools(undefined, { tools, gigabytes, log: (line) => log.push(line.replace(/in \d+ s$/, "in N s")) });

async function buildHello(): Promise<string> {
  const { hello } = await build();
  if (hello!.path === undefined) throw new Error(hello!.missing);
  return hello!.path;
}

const says = async (program: string) => (await run(program, [])).stderr;

/** Puts a script in the place of go; `$GO` is the real one. */
function fakeGo(text: string): void {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "go"), `#!/bin/bash\nGO=${realGo}\n${text}\n`);
  chmodSync(join(bin, "go"), 0o755);
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); await sleep(10)) {
    if (Date.now() > end) throw new Error("Waited 10 s in vain.");
  }
}

/** The identity of a process that has ended. */
async function formerOwner(): Promise<string> {
  const started = start("sleep", "sleep", ["60"], { log: join(folder, "sleep.log") });
  const owner = identity(started.pid)!;
  await started.stop();
  return owner;
}

describe("the cache", () => {
  test("has a tool once it was built, with its version in it, and it is not built again", async () => {
    const missing = "hello 1.0 is not built: `node test/e2e/tools/build.mjs hello` builds it.";
    expect(builtTools(undefined, { tools: { hello: tool("hello") } })).toEqual({ hello: { missing } });
    const path = await buildHello();
    expect(await says(path)).toBe("one 1.0");
    expect(dirname(dirname(path))).toBe(shelf);
    expect(await buildHello()).toBe(path);
    expect(builtTools(undefined, { tools: { hello: tool("hello") } })).toEqual({ hello: { path } });
    expect(log).toEqual(["hello 1.0: building (1/1) …", "hello 1.0: built in N s", "hello 1.0: from the cache"]);
    expect(readdirSync(dirname(path)).sort()).toEqual(["built.json", "hello"]);
  });

  test("has another entry for other sources and other settings, and the former one is removed", async () => {
    const first = await buildHello();
    writeModule("hello", hello("two"));
    const second = await buildHello();
    expect(await says(second)).toBe("two 1.0");
    expect(existsSync(first)).toBe(false);
    const { hello: third } = await build({ hello: tool("hello", { ldflags: ["-X main.version=2.0"] }) });
    expect(await says(third!.path!)).toBe("two 2.0");
    expect(readdirSync(shelf)).toHaveLength(1);
  });

  test("keeps the former entry when the new sources do not build", async () => {
    const first = await buildHello();
    writeModule("hello", "package main\n\nfunc main() {");
    await expect(buildHello()).rejects.toThrow("hello 1.0 is not built: go build ended with status 1");
    expect(await says(first)).toBe("one 1.0");
  });

  test.each([
    ["truncated", (path: string) => truncateSync(path, 1000)],
    ["empty", (path: string) => truncateSync(path, 0)],
    [
      "overwritten, with the same size",
      (path: string) => writeFileSync(path, Buffer.alloc(readFileSync(path).length, 1)),
    ],
    ["not executable", (path: string) => chmodSync(path, 0o644)],
    ["without its record", (path: string) => rmSync(join(dirname(path), "built.json"))],
    ["with half a record", (path: string) => truncateSync(join(dirname(path), "built.json"), 10)],
  ])("a binary that is %s is noticed and built again", async (_, damage) => {
    const path = await buildHello();
    damage(path);
    expect(builtTools(undefined, { tools: { hello: tool("hello") } }).hello!.missing).toContain("is not built");
    expect(await buildHello()).toBe(path);
    expect(await says(path)).toBe("one 1.0");
    expect(log.slice(2)).toEqual([
      "hello 1.0: the copy in the cache is damaged",
      "hello 1.0: building (1/1) …",
      "hello 1.0: built in N s",
    ]);
  });

  test("a copied cache, whose files have other times, is good", async () => {
    const path = await buildHello();
    utimesSync(path, 1, 1);
    expect(await buildHello()).toBe(path);
    expect(log.at(-1)).toBe("hello 1.0: from the cache");
  });
});

describe("a builder that was ended half way", () => {
  test("takes go with it, the next run removes what it left, and one builds", async () => {
    const real = process.env.PATH!;
    fakeGo(
      `if [ "$1" = build ]; then touch "\${@: -2:1}"; sleep 60 & echo $$ $! > ${folder}/pids; wait; fi; exec $GO "$@"`,
    );
    const program = join(folder, "builder.mjs");
    writeFileSync(
      program,
      `import { buildTools } from ${JSON.stringify(new URL("build.mjs", import.meta.url).href)};
       await buildTools(undefined, { tools: ${JSON.stringify({ hello: tool("hello") })}, gigabytes: 0 });`,
    );
    const builder = start("builder", process.execPath, [program], { log: join(folder, "builder.log") });
    toStop.push(builder);
    const pidFile = join(folder, "pids");
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").endsWith("\n"));
    const pids = readFileSync(pidFile, "utf8").trim().split(" ").map(Number);
    expect(pids.every((pid) => identity(pid) !== undefined)).toBe(true);
    process.kill(builder.pid, "SIGKILL");
    await until(() => pids.every((pid) => identity(pid) === undefined));
    const left = readdirSync(shelf).map((name) => name.replace(/^[0-9a-f]{16}/, "KEY"));
    expect(left.map((name) => name.replace(/-.*/, "")).sort()).toEqual(["KEY.lock", "KEY.partial"]);

    vi.stubEnv("PATH", real);
    // Also when that run then builds nothing: what is left over takes room.
    await build(undefined, 1e9);
    expect(readdirSync(shelf)).toEqual([]);
    log = [];
    const path = await buildHello();
    expect(await says(path)).toBe("one 1.0");
    expect(log).toEqual(["hello 1.0: building (1/1) …", "hello 1.0: built in N s"]);
    expect(readdirSync(shelf).map((name) => join(shelf, name))).toEqual([dirname(path)]);
  });

  test("is told from one that is at work on another version", async () => {
    const gone = await formerOwner();
    const alive = identity(process.pid)!;
    for (const owner of [gone, alive]) {
      mkdirSync(join(shelf, `0123456789abcdef.partial-${owner}`), { recursive: true });
      symlinkSync(owner, join(shelf, `${owner === gone ? "0" : "1"}123456789abcdef.lock`));
    }
    const path = await buildHello();
    expect(
      readdirSync(shelf)
        .map((name) => join(shelf, name))
        .sort(),
    ).toEqual(
      [dirname(path), join(shelf, `0123456789abcdef.partial-${alive}`), join(shelf, "1123456789abcdef.lock")].sort(),
    );
  });
});

test("of several builders at once, in one process and in others, one builds and the others wait for it", async () => {
  fakeGo(`if [ "$1" = build ]; then echo build >> ${folder}/builds; sleep 1; fi; exec $GO "$@"`);
  const program = join(folder, "builder.mjs");
  writeFileSync(
    program,
    `import { buildTools } from ${JSON.stringify(new URL("build.mjs", import.meta.url).href)};
     const { hello } = await buildTools(undefined, { tools: ${JSON.stringify({ hello: tool("hello") })}, gigabytes: 0 });
     console.log(hello.path);`,
  );
  const others = [run(process.execPath, [program]), run(process.execPath, [program])];
  const paths = [await buildHello(), ...(await Promise.all(others)).map(({ stdout }) => stdout.trim())];
  expect(new Set(paths).size).toBe(1);
  expect(await says(paths[0]!)).toBe("one 1.0");
  expect(readFileSync(join(folder, "builds"), "utf8")).toBe("build\n");
  const said = [...log, ...(await Promise.all(others)).flatMap(({ stderr }) => stderr.trim().split("\n"))];
  expect(said.filter((line) => line.includes("building (")).length).toBe(1);
  expect(said.filter((line) => line.endsWith("is building it, waiting …")).length).toBe(2);
  expect(readdirSync(shelf)).toHaveLength(1);
});

describe("a tool that cannot be built says why, and the others are built", () => {
  test("sources that do not compile", async () => {
    writeModule("broken", "package main\n\nfunc main() { unknown() }\n");
    const results = await build({ broken: tool("broken"), hello: tool("hello") });
    const missing =
      "broken 1.0 is not built: go build ended with status 1: # plinth.test/broken | ./main.go:3:15: undefined: unknown";
    expect(results.broken).toEqual({ missing });
    expect(await says(results.hello!.path!)).toBe("one 1.0");
    expect(log).toEqual([
      "broken 1.0: building (1/2) …",
      missing,
      "hello 1.0: building (2/2) …",
      "hello 1.0: built in N s",
    ]);
    expect(readdirSync(join(folder, "cache/tools/broken"))).toEqual([]);
  });

  test("a module whose sums are not complete", async () => {
    writeFileSync(
      join(folder, "hello/go.mod"),
      "module plinth.test/hello\n\ngo 1.26\n\nrequire golang.org/x/mod v0.20.0\n",
    );
    writeFileSync(
      join(folder, "hello/main.go"),
      'package main\n\nimport _ "golang.org/x/mod/semver"\n\nfunc main() {}\n',
    );
    expect((await build()).hello!.missing).toContain("missing go.sum entry");
  });

  test("a go that is killed", async () => {
    fakeGo('if [ "$1" = build ]; then kill -KILL $$; fi; exec $GO "$@"');
    expect(await build()).toEqual({ hello: { missing: "hello 1.0 is not built: go build was ended by SIGKILL." } });
    expect(readdirSync(shelf)).toEqual([]);
  });

  test("too little room on the disk, and what is in the cache is served all the same", async () => {
    const path = await buildHello();
    const results = await build({ other: tool("hello"), hello: tool("hello") }, 1e9);
    expect(results.hello).toEqual({ path });
    expect(results.other!.missing).toMatch(
      /^hello 1\.0 is not built: a build needs 1000000000 GB of free disk and \S+\/cache\/tools has \d+\.\d GB: make room, or set PLINTH_CACHE, GOCACHE and GOMODCACHE to folders elsewhere\.$/,
    );
    expect(readdirSync(join(folder, "cache/tools/other"))).toEqual([]);
  });

  test("no go on PATH", async () => {
    vi.stubEnv("PATH", folder);
    const missing = "hello 1.0 is not built: there is no go on PATH: install Go 1.26 or later.";
    expect(await build()).toEqual({ hello: { missing } });
    expect(builtTools(undefined, { tools: { hello: tool("hello") } })).toEqual({ hello: { missing } });
  });

  test("a go that is too old", async () => {
    fakeGo(`$GO "$@" | sed 's/"go1.[0-9.]*"/"go1.25.9"/'`);
    const missing = "hello 1.0 is not built: the go on PATH is go1.25.9: install Go 1.26 or later.";
    expect(await build()).toEqual({ hello: { missing } });
  });

  test("a cache folder that cannot be made", async () => {
    writeFileSync(join(folder, "cache"), "a file");
    expect((await build()).hello!.missing).toMatch(/^hello 1\.0 is not built: ENOTDIR: not a directory, mkdir '.*'\.$/);
  });
});

test("the user's own Go settings make no difference", async () => {
  const path = await buildHello();
  vi.stubEnv("GOFLAGS", "-mod=vendor -tags=none -nonsense");
  vi.stubEnv("GOWORK", join(folder, "go.work"));
  vi.stubEnv("GO111MODULE", "off");
  vi.stubEnv("GOOS", "windows");
  vi.stubEnv("GOTOOLCHAIN", "go1.99.0");
  expect(await buildHello()).toBe(path);
  rmSync(path);
  expect(await buildHello()).toBe(path);
  expect(await says(path)).toBe("one 1.0");
});
