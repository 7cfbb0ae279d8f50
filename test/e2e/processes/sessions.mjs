// Sessions: a started process leads a session of its own, so that Ctrl-C in the terminal does not reach it, and
// everything it starts can be found by the session's id, also when it has made process groups of its own
// (the Pulumi CLI does so for its plugins) or has lost its parent.
// Plain JavaScript, because the guard process and the build of the tools run without a TypeScript loader.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const hasProc = existsSync("/proc/self/stat");

/** One line of the process table; a zombie is not a living process. */
function processAt(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The name is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return { pid, parent: Number(fields[1]), session: Number(fields[3]), started: fields[19] };
}

/** What tells this process from a later one that got the same pid; `undefined` when it is not running. */
export function identity(pid) {
  if (hasProc) {
    const found = processAt(pid);
    return found === undefined ? undefined : `${pid}-${found.started}`;
  }
  return isAlive(pid) ? `${pid}` : undefined;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The living processes of a session and what they have started, as pids that `process.kill` takes. */
export function members(session) {
  // Without a process table to read, the leader's process group stands for the session.
  if (!hasProc) return isAlive(-session) ? [-session] : [];
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processAt(Number(name)))
    .filter((found) => found !== undefined);
  const found = new Set(all.filter((one) => one.session === session).map((one) => one.pid));
  let before = -1;
  while (before !== found.size) {
    before = found.size;
    for (const one of all) if (found.has(one.parent)) found.add(one.pid);
  }
  return [...found];
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

/**
 * Ends every process of a session and returns when the last one is gone: SIGTERM, and SIGKILL for what is left after
 * `graceSeconds`.
 */
export async function endSession(session, graceSeconds = 5) {
  const asked = new Map();
  const deadline = Date.now() + graceSeconds * 1000;
  for (;;) {
    const found = members(session);
    for (const pid of found) {
      const id = identity(pid);
      if (id === undefined || asked.has(id)) continue;
      asked.set(id, pid);
      signal(pid, "SIGTERM");
    }
    // What was asked once is followed by its identity: its parent may end first, and with it the way to find it.
    const left = [...asked].filter(([id, pid]) => identity(pid) === id).map(([, pid]) => pid);
    if (found.length === 0 && left.length === 0) return;
    const late = Date.now() - deadline;
    if (late > 10_000) throw new Error(`Process ${left.join(", ")} does not end, not even by SIGKILL.`);
    if (late > 0) for (const pid of left) signal(pid, "SIGKILL");
    await sleep(30);
  }
}
