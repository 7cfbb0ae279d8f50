import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { tools } from "../needs.js";
import { installPlugins, type StandIns } from "./plugins.js";

export interface HomeOptions {
  /** Of the CLI, the program and the plugins. */
  readonly env?: Readonly<Record<string, string>>;
  /** Commands of the test on PATH, before the system's own: the text of a script by its name. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Folders with more commands, before the system's own on PATH. */
  readonly path?: readonly string[];
  readonly clouds?: StandIns;
  /** What the stack's secrets are encrypted with. @default "passphrase" */
  readonly passphrase?: string;
}

/** A temporary folder with everything that the CLI would otherwise keep in the user's home. */
export interface Home {
  readonly root: string;
  /** The CLI, in a folder `bin`, as the Automation API wants it. */
  readonly cli: string;
  /** The whole environment of the CLI. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/**
 * Makes a Pulumi home with the plugins that a program needs, whose packages are in the given `node_modules`, and a file
 * backend beside it.
 */
export async function makeHome(modules: string, options: HomeOptions): Promise<Home> {
  const { pulumi, "pulumi-resource-kubernetes": kubernetes } = tools();
  if (pulumi?.path === undefined) throw new Error(`there is no Pulumi CLI: ${pulumi?.missing}`);

  const root = realpathSync(mkdtempSync(join(tmpdir(), "plinth-stack-")));
  const [home, state, bin] = ["home", "state", "bin"].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [home, state, bin]) mkdirSync(folder);
  // Everything beside the CLI would be taken for a plugin, so it gets a folder of its own.
  const cli = join(bin, "pulumi");
  symlinkSync(pulumi.path, cli);
  for (const [name, text] of Object.entries(options.commands ?? {})) {
    writeFileSync(join(bin, name), text, { mode: 0o700 });
  }
  await installPlugins(home, { modules, kubernetes: kubernetes?.path, clouds: options.clouds });
  const path = [...(options.path ?? []), bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"];
  const env = {
    PATH: path.join(delimiter),
    HOME: home,
    TMPDIR: tmpdir(),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: options.passphrase ?? "passphrase",
    PULUMI_SKIP_UPDATE_CHECK: "1",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // The option --event-log is one of the debug commands.
    PULUMI_DEBUG_COMMANDS: "1",
    // Types are the business of `tsc`.
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    ...options.env,
  };
  return { root, cli, env, remove: () => rmSync(root, { recursive: true, force: true }) };
}
