import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { constants } from "node:os";
import { basename, dirname } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Exit, startGuarded } from "./guarded.mjs";

/** A process that was started and ends with this one, whatever ends this one. */
export interface Started {
  readonly pid: number;
  /** When the process has exited and nothing that it had started is left. Never rejects. */
  readonly exited: Promise<Exit>;
  /** Ends it and what it has started: SIGTERM, SIGKILL after 5 s. Returns when all of it is gone; may be repeated. */
  stop(): Promise<void>;
}

/** Variables set on top of this process's own; `undefined` takes one away. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Starts a server. What it prints is appended to the file `log`, whose folder is made. */
export function start(
  name: string,
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Environment; readonly log: string },
): Started {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, "a");
  try {
    const { child, exited, stop } = startGuarded(name, file, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ["ignore", log, log],
    });
    return { pid: child.pid, exited, stop };
  } finally {
    closeSync(log);
  }
}

export interface RunResult {
  /** The exit status; 128 plus the signal's number when a signal ended it, as in a shell. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. A status other than 0 is a result, not an error; an error is thrown when the program cannot
 * be started, or when it has not ended after `timeoutSeconds` (it is ended then).
 */
export async function run(
  file: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Environment;
    readonly input?: string;
    readonly timeoutSeconds?: number;
  } = {},
): Promise<RunResult> {
  const { child, exited, stop } = startGuarded(basename(file), file, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program may end without reading its input.
  child.stdin?.on("error", () => {}).end(options.input);

  let late: Promise<void> | undefined;
  const timer =
    options.timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => {
          late = stop();
        }, options.timeoutSeconds * 1000);
  const exit = await exited;
  clearTimeout(timer);
  // The pipes are closed by now, unless something that left the session holds them.
  await Promise.race([Promise.all([stdout.ended, stderr.ended]), sleep(2000, undefined, { ref: false })]);
  if (late !== undefined) {
    await late;
    const last = `${stdout.text()}\n${stderr.text()}`.trim().split("\n").slice(-5).join("\n");
    throw new Error(
      `${[basename(file), ...args].join(" ")} had not ended after ${options.timeoutSeconds} s and was ended.\n${last}`,
    );
  }
  const code = exit.code ?? 128 + (exit.signal === null ? 0 : constants.signals[exit.signal]);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(stream: Readable | null): { readonly ended: Promise<void>; text(): string } {
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    stream?.on("data", (chunk: Buffer) => chunks.push(chunk)).once("close", resolve);
  });
  return { ended, text: () => Buffer.concat(chunks).toString("utf8") };
}

/** Ports of 127.0.0.1 that nothing listens on, all different. The kernel picks them. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("A listening socket has no port.");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
