import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the engine asks the language host to run. */
export interface ProgramRun {
  readonly monitor: string;
  readonly engine: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly root: string;
  readonly pwd: string;
  readonly entry: string;
  readonly args: readonly string[];
  readonly dryRun: boolean;
  readonly parallel: number;
  /** Values by `namespace:key`. */
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** `runtime.options` of Pulumi.yaml. */
  readonly options: RuntimeOptions;
}

export interface RuntimeOptions {
  readonly typescript?: boolean;
  readonly nodeargs?: string;
  readonly tsconfig?: string;
}

/** How a run ended, as the engine is told. */
export interface ProgramEnd {
  /** What went wrong and was not said yet. */
  readonly error: string;
  /** The program has said itself what went wrong. */
  readonly bail: boolean;
}

/** The SDK ends a program with this code after it has told the user what is wrong. */
const EXPLAINED = 32;
const GRACE_MS = 5000;
const NO_SDK = "It looks like the Pulumi SDK has not been installed. Have you run pulumi install?";

/** The arguments of Node.js for a run: those of Pulumi's own language host, in its order; empty values are left out. */
export function programArguments(run: ProgramRun, runner: string): string[] {
  const flags: readonly (readonly [string, string])[] = [
    ["--monitor", run.monitor],
    ["--engine", run.engine],
    ["--organization", run.organization],
    ["--project", run.project],
    ["--root-directory", run.root],
    ["--stack", run.stack],
    ["--pwd", run.pwd],
  ];
  return [
    ...(run.options.nodeargs?.split(/\s+/).filter((each) => each !== "") ?? []),
    runner,
    ...flags.flatMap(([flag, value]) => (value === "" ? [] : [flag, value])),
    ...(run.dryRun ? ["--dry-run"] : []),
    ...["--parallel", String(run.parallel)],
    run.entry === "" ? "." : run.entry,
    ...run.args,
  ];
}

/** What a run adds to the environment. Values are keyed `namespace:config:key`, the list of secret ones is not. */
export function programEnvironment(run: ProgramRun): Record<string, string> {
  const config = Object.entries(run.config).map(([key, value]) => [key.replace(":", ":config:"), value]);
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.secretKeys),
    ...(run.options.typescript !== false && { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(run.options.tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: run.options.tsconfig }),
  };
}

/** What an exit means to the engine. */
export function programEnd(code: number | null, signal: string | null): ProgramEnd {
  if (code === 0) return { error: "", bail: false };
  if (code === EXPLAINED) return { error: "", bail: true };
  const how = code === null ? `was ended by signal ${signal}` : `exited with non-zero exit code: ${code}`;
  return { error: `Program ${how}`, bail: false };
}

/** Runs a program to its end. What it prints goes to this process's own output, which the engine shows. */
export function runProgram(run: ProgramRun, cancelled: AbortSignal): Promise<ProgramEnd> {
  const runner = findRunner(run.pwd);
  if (runner === undefined) return Promise.resolve({ error: NO_SDK, bail: false });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, programArguments(run, runner), {
      env: { ...process.env, ...programEnvironment(run) },
      stdio: ["ignore", "inherit", "inherit"],
    });
    const kill = () => void child.kill("SIGKILL");
    const interrupt = () => {
      child.kill("SIGINT");
      setTimeout(kill, GRACE_MS).unref();
    };
    process.once("exit", kill);
    cancelled.addEventListener("abort", interrupt, { once: true });
    const end = (result: ProgramEnd) => {
      process.off("exit", kill);
      cancelled.removeEventListener("abort", interrupt);
      resolve(result);
    };
    child.once("error", (error) => end({ error: `Node.js did not start: ${error.message}`, bail: false }));
    child.once("exit", (code, signal) => end(programEnd(code, signal)));
  });
}

/** The runner of the SDK that the program itself would load. */
function findRunner(folder: string): string | undefined {
  try {
    return createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return undefined;
  }
}
