// Starting processes that end with this one.

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { endSession } from "./sessions.mjs";

const guardFile = fileURLToPath(new URL("guard.mjs", import.meta.url));
const sessions = new Set();
let guard;

/** The guard of this process. It stands before the first process is started, and is replaced if something ends it. */
function guarded() {
  if (guard !== undefined) return guard;
  const child = spawn(process.execPath, [guardFile, ...[...sessions].map(String)], {
    cwd: "/",
    env: {},
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  if (child.pid === undefined) throw new Error("The guard process could not be started: is there memory left?");
  child.once("exit", () => {
    guard = undefined;
    if (sessions.size > 0) guarded();
  });
  // A write to a guard that has just ended; its "exit" follows and a new one is started.
  child.stdin.on("error", () => {});
  child.stdin.unref();
  child.unref();
  guard = child;
  return child;
}

// A forked worker (of a test runner) whose parent is gone has nobody to work for, but would live on as long as the
// processes it has started.
if (process.connected) process.once("disconnect", () => process.exit(1));

// What is started waits on a pipe of its own until the guard knows of it. Should this process be killed in between, the
// pipe closes and nothing is run: there is no moment in which something runs and would be left behind.
const whenGuarded = 'read -r _ <&3 && exec "$@" 3<&-';

/**
 * Starts a process as the leader of a session of its own. It ends with this process, whatever ends this one, also
 * SIGKILL.
 * @returns the child, `exited`, which is there when the child has exited and all that it had started is gone too, and
 * `stop`, which ends all of it.
 */
export function startGuarded(name, file, args, { cwd = ".", env: settings = {}, stdio }) {
  const env = { ...process.env, ...settings };
  const reason = obstacle(file, cwd, env.PATH ?? "");
  if (reason !== undefined) throw new Error(`${name} could not be started: ${reason}`);

  const { stdin } = guarded();
  const [input, output, errors] = stdio;
  const child = spawn("/bin/sh", ["-c", whenGuarded, "sh", file, ...args], {
    cwd,
    env,
    detached: true,
    stdio: [input, output, errors, "pipe"],
  });
  child.once("error", () => {});
  const session = child.pid;
  if (session === undefined) throw new Error(`${name} could not be started: is there memory left?`);
  sessions.add(session);
  stdin.write(`+${session}\n`);
  child.stdio[3].on("error", () => {}).end("\n");

  const exited = new Promise((resolve) => {
    child.once("exit", async (code, signal) => {
      await endSession(session).catch(() => {});
      sessions.delete(session);
      guard?.stdin.write(`-${session}\n`);
      resolve({ code, signal });
    });
  });
  const stop = async () => {
    // The number of a session that has ended may belong to somebody else by now.
    if (sessions.has(session)) await endSession(session);
    await exited;
  };
  return { child, exited, stop };
}

/** Why a file cannot be run, or `undefined`. The operating system says ENOENT for several reasons. */
function obstacle(file, cwd, path) {
  if (!existsSync(cwd)) return `its working folder ${cwd} does not exist.`;
  if (!file.includes("/")) {
    const found = path.split(":").some((folder) => isProgram(resolve(cwd, folder, file)));
    return found ? undefined : `there is no ${file} on PATH.`;
  }
  const whole = resolve(cwd, file);
  if (!existsSync(whole)) return `the file ${whole} does not exist.`;
  if (!statSync(whole).isFile()) return `${whole} is not a file.`;
  return isProgram(whole) ? undefined : `${whole} has no permission to execute.`;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
