import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Started, start } from "../processes/processes.js";
import type { Built } from "../tools/build.mjs";
import type { ToolName } from "../tools/tools.mjs";

/** The built tools, as the setup of the tests hands them on. */
export type Tools = Readonly<Partial<Record<ToolName, Built>>>;

/** A part of a cluster ended although nobody had asked it to. */
export class ComponentEnded extends Error {
  override readonly name = "ComponentEnded";
  constructor(
    readonly component: string,
    how: string,
    /** The end of its log. */
    readonly log: string,
    logFile: string,
  ) {
    super(`${component} ended (${how}). Its log, ${logFile}, ends with:\n${log}`);
  }
}

/** The processes of one cluster. They live and die together. */
export interface Components {
  start(name: ToolName, args: readonly string[]): void;
  /** Resolves when one ended by itself; the others are being stopped then. */
  readonly ended: Promise<ComponentEnded>;
  stop(): Promise<void>;
  /** Throws once they are being stopped: for those who wait for one of them. */
  check(): void;
}

const LOG_LINES = 15;

/** Components that write a log file each into the folder. */
export function components(tools: Tools, folder: string): Components {
  const running = new Set<Started>();
  let stopping: Promise<void> | undefined;
  let reportEnd: (error: ComponentEnded) => void;
  const ended = new Promise<ComponentEnded>((resolve) => {
    reportEnd = resolve;
  });

  function stop(): Promise<void> {
    stopping ??= Promise.all([...running].map(end)).then(() => {});
    return stopping;
  }

  function check(): void {
    if (stopping !== undefined) throw new Error("the cluster is being stopped");
  }

  return {
    ended,
    stop,
    check,
    start(name, args) {
      check();
      const log = `${folder}/${name}.log`;
      const process = start(name, toolPath(tools, name), args, { cwd: folder, log });
      running.add(process);
      void process.exited.then(async ({ code, signal }) => {
        running.delete(process);
        if (stopping !== undefined) return;
        const how = signal === null ? `exit status ${code}` : signal;
        reportEnd(new ComponentEnded(name, how, await lastLines(log), log));
        await stop();
      });
    },
  };
}

/** None has anything to save, and a polite end takes an API server five seconds. */
async function end({ pid, stop }: Started): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
  await stop();
}

/** The path of a tool that has to be there. */
export function toolPath(tools: Tools, name: ToolName): string {
  const tool = tools[name];
  if (tool?.path === undefined) throw new Error(`${name} is needed: ${tool?.missing ?? "it was not asked for"}`);
  return tool.path;
}

/** The end of a log, short enough for an error. */
export async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n").slice(-LOG_LINES);
  return text.trim() === "" ? `(${basename(file)} is empty)` : lines.join("\n");
}
