import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { InputError } from "../graph/model.js";
import type { Project } from "./project.js";

/** What the preload says over its own channel. */
export interface Reported {
  readonly failed?: { readonly name: string; readonly message: string; readonly stack: string };
  readonly pending?: readonly {
    readonly type: string;
    readonly name: string;
    readonly frames?: readonly { readonly uri: string; readonly line: number; readonly column: number }[];
  }[];
}

export interface Ended {
  /** Null when the program was ended by a signal. */
  readonly code: number | null;
  readonly timedOut: boolean;
}

export interface Launched {
  readonly ended: Promise<Ended>;
  readonly kill: () => void;
}

/** Starts the program as Pulumi's Node.js language host does, in a process group of its own. */
export function launch(
  project: Project,
  address: string,
  timeoutSeconds: number,
  on: { line: (text: string, stream: "stdout" | "stderr") => void; report: (message: Reported) => void },
): Launched {
  const child = spawn(
    process.execPath,
    [
      ...project.nodeArguments,
      findRunner(project),
      ...["--monitor", address, "--engine", address],
      ...["--organization", project.organization, "--project", project.name, "--stack", project.stack],
      ...["--root-directory", project.root, "--pwd", project.program, "--dry-run", project.entry],
    ],
    { cwd: project.program, env: environment(project), stdio: ["ignore", "pipe", "pipe", "pipe"], detached: true },
  );
  const [, stdout, stderr, channel] = child.stdio;
  for (const [stream, name] of [
    [stdout, "stdout"],
    [stderr, "stderr"],
  ] as const) {
    createInterface({ input: stream as Readable }).on("line", (text) => on.line(text, name));
  }
  createInterface({ input: channel as Readable }).on("line", (text) => on.report(JSON.parse(text) as Reported));
  return { ended: watch(child, timeoutSeconds), kill: () => killGroup(child) };
}

/** Pulumi's own runner, of the SDK that the program itself would load. */
function findRunner(project: Project): string {
  try {
    return createRequire(join(project.program, "index.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    const folder = relative(process.cwd(), project.program) || ".";
    throw new InputError(
      `The Pulumi SDK is not installed for this program. Run "npm install" (or "npm install @pulumi/pulumi") in ${folder}.`,
    );
  }
}

function environment(project: Project): NodeJS.ProcessEnv {
  const { values, secrets } = project.config;
  const inConfigForm = (key: string): string => key.replace(":", ":config:");
  const preload = fileURLToPath(new URL("./preload.cjs", import.meta.url));
  const inherited = process.env.NODE_OPTIONS;
  const inTypeScript = hasTypeScript(project.root);
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries([...values].map(([key, value]) => [inConfigForm(key), value]))),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify([...secrets]),
    PULUMI_NODEJS_TYPESCRIPT: String(project.typescript && inTypeScript),
    // Nothing to map positions back to.
    ...(inTypeScript ? {} : { PLINTH_NO_SOURCE_MAPS: "true" }),
    ...(project.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: project.tsconfig } : {}),
    // Types are the business of `tsc`; checking them would triple the time of a preview.
    PULUMI_NODEJS_TRANSPILE_ONLY: process.env.PULUMI_NODEJS_TRANSPILE_ONLY ?? "true",
    NODE_OPTIONS: `--require ${JSON.stringify(preload)}${inherited ? ` ${inherited}` : ""}`,
    ...(inherited === undefined ? {} : { PLINTH_NODE_OPTIONS: inherited }),
  };
}

/** Whether the compiler is needed at all: loading it costs more than the rest of a small preview. */
function hasTypeScript(folder: string): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? entry.name !== "node_modules" && !entry.name.startsWith(".") && hasTypeScript(join(folder, entry.name))
      : /\.[cm]?tsx?$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name),
  );
}

function watch(child: ChildProcess, timeoutSeconds: number): Promise<Ended> {
  const end = (): void => killGroup(child);
  const interrupted = (signal: NodeJS.Signals): void => {
    end();
    process.kill(process.pid, signal);
  };
  process.once("exit", end);
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", interrupted);
  return new Promise((resolve, reject) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, timeoutSeconds * 1000);
    child.once("error", reject);
    // Processes the program left behind would hold its output open.
    child.once("exit", () => killGroup(child));
    child.once("close", (code) => {
      clearTimeout(timer);
      process.off("exit", end);
      process.off("SIGINT", interrupted);
      process.off("SIGTERM", interrupted);
      resolve({ code, timedOut });
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
