import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poll } from "./cluster/api.js";
import { processesOf } from "./cluster/left.js";
import { CLUSTER_TOOLS, describeWith } from "./needs.js";
import { run } from "./processes/processes.js";

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");

const args = [vitest, "run", "-c", join(import.meta.dirname, "vitest.config.ts"), "test/e2e/cluster/crds.test.ts"];

/** These tests, run as a user does; the folder of their cluster is there once the cluster is. */
async function startRunner() {
  const runner = spawn(process.execPath, args, {
    env: { ...process.env, PLINTH_E2E_BUILD: "no" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  for await (const chunk of runner.stderr) {
    said += String(chunk);
    const folder = /cluster ready after .*, logs in (\S+)/.exec(said)?.[1];
    if (folder !== undefined) return { runner, folder };
  }
  throw new Error(`the runner ended before its cluster was ready: ${said}`);
}

describe("a run of these tests without the tools", () => {
  let cache: string;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), "plinth-no-tools-"));
  });
  afterAll(() => rm(cache, { recursive: true }));

  const runWithout = (ci: string) =>
    run(process.execPath, [...args, "--reporter=verbose"], {
      env: { PLINTH_E2E_BUILD: "no", PLINTH_CACHE: cache, CI: ci, NO_COLOR: "1" },
    });
  const etcd = "etcd 3.6.5 is not built: `node test/e2e/tools/build.mjs etcd` builds it.";

  it("skips those that need them, and says why", async () => {
    const { code, stdout, stderr } = await runWithout("");
    expect(stderr).toContain(`e2e: missing, tests that need it are skipped: etcd: ${etcd}\n`);
    expect(stdout).toContain(`definitions of foreign kinds [skipped: etcd: ${etcd}; `);
    expect(stdout).toMatch(/Tests +3 skipped \(3\)/);
    expect(code).toBe(0);
  });

  it("fails under CI and names each of them", async () => {
    const { code, stderr } = await runWithout("true");
    expect(stderr).toContain(`Error: under CI no test may be skipped, but tools are missing:\netcd: ${etcd}\nkwok: `);
    expect(code).toBe(1);
  });
});

describeWith(CLUSTER_TOOLS, "a run of these tests", () => {
  it.each(["SIGINT", "SIGKILL"] as const)("that is ended by %s leaves no process", async (signal) => {
    const { runner, folder } = await startRunner();
    expect(await processesOf(folder)).toHaveLength(CLUSTER_TOOLS.length);

    const ended = once(runner, "exit");
    runner.kill(signal);
    await ended;
    const gone = await poll(20, async () => (await processesOf(folder)).length === 0);
    expect(gone).toBe(true);
    await rm(folder, { recursive: true, force: true });
  });
});
