import { cpSync, existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../processes/processes.js";
import { readSalt, writeConfig } from "./config.js";
import { type Events, readEvents } from "./events.js";
import { type HomeOptions, makeHome } from "./home.js";

export type { Diagnostic, Events, Step, StepState } from "./events.js";
export { type InlineOptions, type InlineStack, inline } from "./inline.js";
export type { StandIns } from "./plugins.js";

export interface StackOptions extends HomeOptions {
  /** The folder with Pulumi.yaml. It is copied, so a test may change the copy. */
  readonly program: string;
  /** The name of the stack. */
  readonly stack: string;
  /** Set before the first operation, over what the folder's Pulumi.<stack>.yaml has. */
  readonly config?: Readonly<Record<string, ConfigValue>>;
}

export type ConfigValue = string | { readonly secret: string } | { readonly value: unknown };

/** The end of an operation. */
export interface Outcome extends Events {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A preview: besides the events of each step, what `--json` and `--save-plan` say, with secrets in plain text. */
export interface Preview extends Outcome {
  readonly json: PreviewJson | undefined;
  readonly plan: Plan | undefined;
}

export interface PreviewJson {
  readonly steps?: readonly {
    readonly op: string;
    readonly urn: string;
    readonly oldState?: Readonly<Record<string, unknown>>;
    readonly newState?: Readonly<Record<string, unknown>>;
    readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
  }[];
  readonly diagnostics?: readonly { readonly urn?: string; readonly message: string; readonly severity: string }[];
  readonly changeSummary?: Readonly<Record<string, number>>;
}

export interface Plan {
  readonly resourcePlans: Readonly<Record<string, ResourcePlan>>;
}

export interface ResourcePlan {
  /** What the program asked for; absent for what is to be deleted. */
  readonly goal?: Goal;
  readonly steps: readonly string[];
  readonly state?: Readonly<Record<string, unknown>>;
}

export interface Goal {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputDiff: {
    readonly adds?: Readonly<Record<string, unknown>>;
    readonly updates?: Readonly<Record<string, unknown>>;
  };
  readonly parent?: string;
  readonly protect?: boolean;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly [more: string]: unknown;
}

/** A stack's state as `pulumi stack export` gives it. */
export interface StackState {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly [more: string]: unknown;
  };
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}

/** A stack of a program, operated by the real CLI as a user does it. */
export interface Stack {
  /** The copy of the program. */
  readonly folder: string;
  /** The whole environment of the CLI. */
  readonly env: Readonly<Record<string, string>>;
  preview(args?: readonly string[]): Promise<Preview>;
  up(args?: readonly string[]): Promise<Outcome>;
  refresh(args?: readonly string[]): Promise<Outcome>;
  destroy(args?: readonly string[]): Promise<Outcome>;
  /** With `secrets`, in plain text. */
  exportState(options?: { readonly secrets: boolean }): Promise<StackState>;
  /** Secrets may be in plain text; the stack's own key encrypts them. */
  importState(state: StackState): Promise<void>;
  setConfig(key: string, value: ConfigValue): Promise<void>;
  /** Any other command of the CLI. */
  command(args: readonly string[], input?: string): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Removes the temporary folder, state included; what was deployed stays. */
  removeAll(): Promise<void>;
}

/** Longer than any operation of a test takes; a Deployment that cannot come up is waited for half an hour otherwise. */
const TIMEOUT_SECONDS = 110;

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/**
 * A copy of a program with a stack of its own, in a temporary folder that also has the state, Pulumi's home and the
 * plugins. Nothing of the user's is read: no Pulumi home, no kubeconfig, no cloud credentials.
 */
export async function openStack(options: StackOptions): Promise<Stack> {
  const home = await makeHome(MODULES, options);
  const { root, cli, env } = home;
  const folder = join(root, "program");
  cpSync(options.program, folder, { recursive: true, filter: (file) => !/(^|\/)node_modules$/.test(file) });
  symlinkSync(MODULES, join(folder, "node_modules"));
  const command: Stack["command"] = (args, input) =>
    run(cli, [...args, "--color", "never", "--non-interactive"], {
      cwd: folder,
      timeoutSeconds: TIMEOUT_SECONDS,
      // Only what is listed: `run` adds to this process's own environment.
      env: { ...Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined])), ...env },
      ...(input !== undefined && { input }),
    });
  const must = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await command(args, input);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
    return stdout;
  };
  let operations = 0;
  const operate = async (args: readonly string[]): Promise<Outcome> => {
    const log = join(root, `events-${++operations}.json`);
    const ended = await command([...args, "--event-log", log]);
    return { ...ended, ...readEvents(log) };
  };

  const stack: Stack = {
    folder,
    env,
    command,
    preview: async (args = []) => {
      const plan = join(root, `plan-${operations + 1}.json`);
      const outcome = await operate(["preview", "--json", "--show-secrets", "--save-plan", plan, ...args]);
      return {
        ...outcome,
        json: parseJson(outcome.stdout),
        plan: existsSync(plan) ? parseJson(readFileSync(plan, "utf8")) : undefined,
      };
    },
    up: (args = []) => operate(["up", "--yes", "--skip-preview", "--suppress-progress", ...args]),
    refresh: (args = []) => operate(["refresh", "--yes", "--skip-preview", "--suppress-progress", ...args]),
    destroy: (args = []) => operate(["destroy", "--yes", "--skip-preview", "--suppress-progress", ...args]),
    exportState: async ({ secrets } = { secrets: false }) =>
      JSON.parse(await must(["stack", "export", ...(secrets ? ["--show-secrets"] : [])])) as StackState,
    importState: async ({ version, deployment }) => {
      const secrets_providers = { type: "passphrase", state: { salt: readSalt(folder, options.stack) } };
      await must(["stack", "import"], JSON.stringify({ version, deployment: { ...deployment, secrets_providers } }));
    },
    setConfig: async (key, value) => {
      if (typeof value === "object" && "secret" in value) await must(["config", "set", "--secret", key], value.secret);
      else writeConfig(folder, options.stack, key, typeof value === "string" ? value : value.value);
    },
    removeAll: async () => home.remove(),
  };
  try {
    await must(["stack", "init", options.stack]);
    for (const [key, value] of Object.entries(options.config ?? {})) await stack.setConfig(key, value);
  } catch (error) {
    await stack.removeAll();
    throw error;
  }
  return stack;
}

function parseJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
