import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePorts, run, type Started, start } from "./processes.js";
import { identity } from "./sessions.mjs";

let folder: string;
const toStop: Started[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plinth-processes-"));
});
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((one) => one.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** Waits until a program has written a file, a whole line at least, and gives its text. */
async function written(file: string): Promise<string> {
  await until(() => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"), `${file} to be written`);
  return readFileSync(file, "utf8");
}

async function until(condition: () => boolean, what: string, seconds = 10): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition(); await sleep(5)) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s in vain for ${what}.`);
  }
}

const isRunning = (pid: number) => identity(pid) !== undefined;

/** A shell script, started under the name "script" and stopped at the latest when the test ends. */
function startScript(script: string): Started {
  const started = start("script", "bash", ["-c", script], { cwd: folder, log: join(folder, "script.log") });
  toStop.push(started);
  return started;
}

describe("a process that was started", () => {
  test("appends what it prints to its log, whose folder is made", async () => {
    const log = join(folder, "logs", "deep", "one.log");
    const options = { log, env: { PLINTH_TEST: "said" } };
    await start("one", "bash", ["-c", "echo $PLINTH_TEST; echo faults >&2"], options).exited;
    await start("one", "bash", ["-c", "echo again"], options).exited;
    expect(readFileSync(log, "utf8")).toBe("said\nfaults\nagain\n");
  });

  test("tells how it has exited", async () => {
    expect(await startScript("exit 3").exited).toEqual({ code: 3, signal: null });
    expect(await startScript("kill -KILL $$").exited).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("is told to end and gone when stop returns, and may be stopped again", async () => {
    const started = startScript("trap 'echo TERM > told; exit 0' TERM; echo > ready; while :; do sleep 0.05; done");
    await written(join(folder, "ready"));
    await Promise.all([started.stop(), started.stop()]);
    expect(isRunning(started.pid)).toBe(false);
    expect(readFileSync(join(folder, "told"), "utf8")).toBe("TERM\n");
    expect(await started.exited).toEqual({ code: 0, signal: null });
    await started.stop();
  });

  test("is killed after five seconds when it ignores the request", { timeout: 20_000 }, async () => {
    const started = startScript("trap '' TERM; echo > ready; while :; do sleep 0.05; done");
    await written(join(folder, "ready"));
    const before = Date.now();
    await started.stop();
    expect(Date.now() - before).toBeGreaterThanOrEqual(5000);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(await started.exited).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("takes what it has started with it, also groups and sessions of their own", async () => {
    const started = startScript(
      "sleep 60 & plain=$!; set -m; sleep 61 & group=$!; setsid --wait sleep 62 & sleep 0.2; " +
        "echo $plain $group $(pgrep -P $! || echo $!) > pids; wait",
    );
    const pids = (await written(join(folder, "pids"))).trim().split(" ").map(Number);
    expect(pids).toHaveLength(3);
    expect(pids.map(isRunning)).toEqual([true, true, true]);
    await started.stop();
    expect(pids.map(isRunning)).toEqual([false, false, false]);
  });

  test("leaves nothing when it exits by itself", async () => {
    const started = startScript("sleep 60 & echo $! > pid; exit 1");
    expect(await started.exited).toEqual({ code: 1, signal: null });
    expect(isRunning(Number(await written(join(folder, "pid"))))).toBe(false);
  });
});

describe("starting something that cannot be started names the obstacle", () => {
  const attempt = (file: string, options: { cwd?: string } = {}) => {
    return () => start("the server", file, [], { ...options, log: join(folder, "log") });
  };

  test("a file that does not exist", () => {
    const file = join(folder, "none");
    expect(attempt(file)).toThrow(`the server could not be started: the file ${file} does not exist.`);
  });

  test("a command that is not on PATH", async () => {
    expect(attempt("plinth-no-such-command")).toThrow(
      "the server could not be started: there is no plinth-no-such-command on PATH.",
    );
    await expect(run("plinth-no-such-command", [])).rejects.toThrow(
      "plinth-no-such-command could not be started: there is no plinth-no-such-command on PATH.",
    );
  });

  test("a working folder that does not exist", () => {
    const cwd = join(folder, "none");
    expect(attempt("bash", { cwd })).toThrow(
      `the server could not be started: its working folder ${cwd} does not exist.`,
    );
  });

  test("a folder, and a file without permission to execute", () => {
    expect(attempt(folder)).toThrow(`the server could not be started: ${folder} is not a file.`);
    const file = join(folder, "text");
    writeFileSync(file, "text");
    expect(attempt(file)).toThrow(`the server could not be started: ${file} has no permission to execute.`);
  });
});

describe("when the process that started others is gone", () => {
  const guardedModule = JSON.stringify(new URL("guarded.mjs", import.meta.url).href);

  /** A program that starts a shell script and does something then. */
  function program(script: string, then: string): string {
    const file = join(folder, "parent.mjs");
    writeFileSync(
      file,
      `import { writeFileSync } from "node:fs";
       import { startGuarded } from ${guardedModule};
       writeFileSync("starting", "\\n");
       startGuarded("script", "bash", ["-c", ${JSON.stringify(script)}], { stdio: ["ignore", "ignore", "ignore"] });
       ${then}`,
    );
    return file;
  }

  const parent = (script: string, then: string, options: { detached?: boolean } = {}): ChildProcess =>
    spawn(process.execPath, [program(script, then)], { cwd: folder, stdio: "ignore", ...options });

  async function startedPids(): Promise<number[]> {
    const pids = (await written(join(folder, "pids"))).trim().split(" ").map(Number);
    expect(pids.every((pid) => pid > 1 && isRunning(pid))).toBe(true);
    return pids;
  }

  const allGone = (pids: number[]) => until(() => !pids.some(isRunning), `the end of ${pids.join(", ")}`);

  /** Whether any process has the folder as its working folder. */
  function isWorkedIn(cwd: string): boolean {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    return pids.some((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === cwd;
      } catch {
        return false;
      }
    });
  }

  const family = "set -m; sleep 60 & echo $$ $! > pids; wait";

  test("by SIGKILL, its child and grandchild end", async () => {
    const killed = parent(family, "");
    const pids = await startedPids();
    killed.kill("SIGKILL");
    await allGone(pids);
  });

  test("by SIGKILL, a child and grandchild that ignore SIGTERM are killed after five seconds", {
    timeout: 20_000,
  }, async () => {
    const killed = parent(
      `trap '' TERM; bash -c 'trap "" TERM; while :; do sleep 0.05; done' & echo $$ $! > pids; while :; do sleep 0.05; done`,
      "",
    );
    const pids = await startedPids();
    killed.kill("SIGKILL");
    await sleep(3000);
    expect(pids.map(isRunning)).toEqual([true, true]);
    await allGone(pids);
  });

  test("by an error nobody catches, they end", async () => {
    parent(family, "setTimeout(() => { throw new Error('nobody') }, 500);");
    await allGone(await startedPids());
  });

  test("a process is found in its working folder as long as it runs", async () => {
    const started = startScript("echo > ready; sleep 60");
    await written(join(folder, "ready"));
    expect(isWorkedIn(folder)).toBe(true);
    await started.stop();
    expect(isWorkedIn(folder)).toBe(false);
  });

  test("by process.exit at once, what has just been started ends", async () => {
    const [code] = await once(parent("sleep 60", "process.exit(7);"), "exit");
    expect(code).toBe(7);
    await until(() => !isWorkedIn(folder), "the end of everything in the folder");
  });

  test("at whatever moment it is killed, nothing is left", async () => {
    for (let milliseconds = 0; milliseconds < 20; milliseconds++) {
      const killed = parent("sleep 60", "");
      await written(join(folder, "starting"));
      await sleep(milliseconds);
      killed.kill("SIGKILL");
      rmSync(join(folder, "starting"));
    }
    await until(() => !isWorkedIn(folder), "the end of everything in the folder");
  });

  test("a forked worker ends with what it has started when its own parent is killed", async () => {
    const worker = program(family, "process.on('message', () => {});");
    const runner = join(folder, "runner.mjs");
    writeFileSync(
      runner,
      `import { fork } from "node:child_process";
       import { writeFileSync } from "node:fs";
       writeFileSync("worker", fork(${JSON.stringify(worker)}).pid + "\\n");`,
    );
    const killed = fork(runner, { cwd: folder, stdio: "ignore" });
    const pids = [Number(await written(join(folder, "worker"))), ...(await startedPids())];
    killed.kill("SIGKILL");
    await allGone(pids);
  });

  test("Ctrl-C in the terminal reaches the parent alone, which ends the others in its own order", async () => {
    const script =
      "trap 'echo INT >> told' INT; trap 'echo TERM >> told; exit' TERM; echo $$ > pids; while :; do sleep 0.05; done";
    const then = "process.on('SIGINT', () => setTimeout(() => process.exit(0), 500));";
    const stopped = parent(script, then, { detached: true });
    const pids = await startedPids();
    process.kill(-stopped.pid!, "SIGINT");
    await allGone(pids);
    expect(readFileSync(join(folder, "told"), "utf8")).toBe("TERM\n");
  });

  test("also when its guard had been ended before", async () => {
    const killed = parent(family, "setInterval(() => {}, 1000);");
    const pids = await startedPids();
    const first = guardOf(killed.pid!)!;
    process.kill(first, "SIGKILL");
    await until(() => ![undefined, first].includes(guardOf(killed.pid!)), "a new guard");
    const second = guardOf(killed.pid!)!;
    expect(pids.every(isRunning)).toBe(true);
    killed.kill("SIGKILL");
    await allGone([...pids, second]);
  });

  function guardOf(pid: number): number | undefined {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
    return children.map(Number).find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("guard.mjs"));
  }
});

describe("running a program to its end", () => {
  test("gives its status and what it prints, whatever the status", async () => {
    expect(await run("bash", ["-c", "echo out; echo err >&2; exit 4"])).toEqual({
      code: 4,
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("gives 128 and the signal's number for one that a signal ended", async () => {
    expect((await run("bash", ["-c", "kill -TERM $$"])).code).toBe(143);
  });

  test("hands it its input, whether it reads it or not", async () => {
    const input = "ä".repeat(200_000);
    expect((await run("cat", [], { input })).stdout).toBe(input);
    expect(await run("true", [], { input })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("sets variables on top of this process's own and takes away those that are undefined", async () => {
    process.env.PLINTH_TEST_A = "a";
    process.env.PLINTH_TEST_B = "b";
    const env = { PLINTH_TEST_B: undefined, PLINTH_TEST_C: "c" };
    const { stdout } = await run("env", [], { env });
    const ours = stdout.split("\n").filter((line) => line.startsWith("PLINTH_TEST_"));
    expect(ours.sort()).toEqual(["PLINTH_TEST_A=a", "PLINTH_TEST_C=c"]);
  });

  test("leaves nothing of what the program had put into the background", async () => {
    const { stdout } = await run("bash", ["-c", "sleep 60 & echo $!"]);
    expect(isRunning(Number(stdout))).toBe(false);
  });

  test("ends it after the time limit and says what it printed last", async () => {
    const script = "echo $$ > pid; for i in 1 2 3 4 5 6; do echo line $i; done; sleep 60";
    await expect(run("bash", ["-c", script], { cwd: folder, timeoutSeconds: 0.5 })).rejects.toThrow(
      `bash -c ${script} had not ended after 0.5 s and was ended.\nline 2\nline 3\nline 4\nline 5\nline 6`,
    );
    expect(isRunning(Number(await written(join(folder, "pid"))))).toBe(false);
  });
});

test("free ports are different ones that can be listened on", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
  }
  expect(await freePorts(0)).toEqual([]);
});
