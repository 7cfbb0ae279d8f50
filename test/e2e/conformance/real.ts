import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseDocument } from "yaml";
import { writeCommand } from "../pulumi/plugins.js";
import { openStack, type Plan, type PreviewJson } from "../pulumi/stack.js";
import {
  answersOf,
  commonFiles,
  deployed,
  exampleStacks,
  failing,
  type Program,
  pluginsFolder,
  programs,
} from "./programs.js";

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const require = createRequire(import.meta.url);

/** Versions of the package `test` that some program asks for. */
const TEST_VERSIONS = ["1.0.0", "1.2.3", "1.2.3-beta.1+build.7", "2.0.0"];

/** Previews that run at a time: the machines that run the tests have two cores. */
const AT_ONCE = 2;

/** What the real engine said of one program. */
export interface RealPreview {
  readonly code: number;
  readonly plan: Plan | undefined;
  readonly json: PreviewJson | undefined;
  /** What components and the stack registered as outputs, with secrets blotted out, by URN. */
  readonly outputs: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Everything the CLI printed for people. */
  readonly text: string;
}

/** The real CLI with one home, backend and set of plugins for all programs: a preview leaves nothing behind in them. */
export interface RealEngine {
  /** Copies a program to where both engines run it, with its configuration. */
  prepare(program: Program): Promise<string>;
  preview(program: Program, folder: string): Promise<RealPreview>;
  close(): Promise<void>;
}

export async function openRealEngine(): Promise<RealEngine> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "plinth-conformance-")));
  const commands = join(home, "commands");
  const folders = join(home, "programs");
  for (const folder of [commands, folders]) mkdirSync(folder);
  cpSync(pluginsFolder, join(home, "plugins"), { recursive: true });
  symlinkSync(MODULES, join(home, "node_modules"));
  writeCommand(join(commands, "pulumi-resource-remote"), [join(home, "plugins", "remote.cjs")]);
  writeCommand(join(commands, "pulumi-resource-pulumi-nodejs"), [
    require.resolve("@pulumi/pulumi/cmd/dynamic-provider"),
  ]);
  const kubeconfig = join(home, "kubeconfig");
  writeFileSync(kubeconfig, UNREACHABLE);

  const stack = await openStack({
    program: deployed[0]!.folder,
    stack: "organization/network/prod",
    path: [commands],
    // Without colours: with them, Node 20 takes half a minute and gigabytes to print some errors.
    env: {
      KUBECONFIG: kubeconfig,
      PULUMI_ERROR_OUTPUT_STRING: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "false",
      NODE_OPTIONS: "--stack-trace-limit=0",
    },
    clouds: {
      packages: TEST_VERSIONS.map((version) => ({ name: "test", version })),
      answers: answersOf([...programs, ...failing, ...exampleStacks]),
    },
  });
  const close = async (): Promise<void> => {
    await stack.removeAll();
    rmSync(home, { recursive: true, force: true });
  };
  const must = async (args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await stack.command(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
  };
  const stacks = new Map<string, Promise<void>>();
  const init = (folder: string, program: Program): Promise<void> => {
    const name = qualifiedName(folder, program);
    const made = stacks.get(name) ?? must(["stack", "init", name, "-C", folder, "--no-select"]);
    stacks.set(name, made);
    return made;
  };

  try {
    const { code, stderr } = await stack.up();
    if (code !== 0) throw new Error(`the stack that programs refer to could not be deployed:\n${stderr}`);
  } catch (error) {
    await close();
    throw error;
  }
  let previews = 0;
  const turn = turns(AT_ONCE);
  return {
    close,
    prepare: async (program) => {
      const folder = join(folders, program.name);
      cpSync(program.folder, folder, { recursive: true, filter: (file) => !/(^|\/)node_modules$/.test(file) });
      uncover(folder);
      cpSync(commonFiles, join(folder, "things.js"));
      symlinkSync(MODULES, join(folder, "node_modules"));
      if (program.answers) {
        const invokes = Object.entries(program.answers).map(([token, result]) => ({ token, result }));
        writeFileSync(join(folder, "plinth.invokes.json"), JSON.stringify({ invokes }));
      }
      forgetEncryption(join(folder, `Pulumi.${program.stack ?? "dev"}.yaml`));
      await init(folder, program);
      for (const [key, value] of Object.entries(program.config ?? {})) {
        const given = typeof value === "string" ? ["--plaintext", key, value] : ["--secret", key, value.secret];
        await must(["config", "set", ...given, "-C", folder, "--stack", qualifiedName(folder, program)]);
      }
      return folder;
    },
    preview: (program, folder) =>
      turn(async () => {
        const at = join(home, `preview-${++previews}`);
        const [plan, events] = [`${at}.plan.json`, `${at}.events.json`];
        const { code, stdout, stderr } = await stack.command([
          ...["preview", "-C", folder, "--stack", qualifiedName(folder, program)],
          ...["--json", "--show-secrets", "--save-plan", plan, "--event-log", events],
        ]);
        const json = parse<PreviewJson>(stdout);
        const said = (json?.diagnostics ?? []).map(({ message }) => message).join("");
        return {
          code,
          json,
          plan: existsSync(plan) ? parse<Plan>(readFileSync(plan, "utf8")) : undefined,
          outputs: outputsIn(events),
          text: `${said}\n${stderr}`,
        };
      }),
  };
}

/** Runs work with at most so many pieces at a time. */
function turns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}

/** Files that the repository's own checks would refuse end with .txt there. */
function uncover(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const name = file.replace(/\.txt$/, "");
    if (name !== file && extname(name) !== "") renameSync(join(folder, file), join(folder, name));
  }
}

/** Secrets of an example are encrypted with a passphrase that is not ours: the program's settings give others. */
function forgetEncryption(file: string): void {
  if (!existsSync(file)) return;
  const document = parseDocument(readFileSync(file, "utf8"));
  if (!document.delete("encryptionsalt")) return;
  const { config } = document.toJS() as { config: Record<string, unknown> };
  const encrypted = Object.keys(config).filter((key) => JSON.stringify(config[key]).includes('"secure"'));
  for (const key of encrypted) document.deleteIn(["config", key]);
  writeFileSync(file, document.toString());
}

/** With the project, since the CLI works in many folders with one backend. */
function qualifiedName(folder: string, { stack = "dev" }: Program): string {
  const project = /^name:\s*(\S+)/m.exec(readFileSync(join(folder, "Pulumi.yaml"), "utf8"))![1];
  return `organization/${project}/${stack}`;
}

interface OutputsEvent {
  readonly resOutputsEvent?: {
    readonly metadata: {
      readonly urn: string;
      readonly new?: { readonly outputs?: Readonly<Record<string, unknown>> } | null;
    };
  };
}

function outputsIn(file: string): Map<string, Readonly<Record<string, unknown>>> {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const events = lines
    .filter((line) => line.includes('"resOutputsEvent"'))
    .map((line) => JSON.parse(line) as OutputsEvent);
  return new Map(
    events.flatMap(({ resOutputsEvent }) => {
      const metadata = resOutputsEvent?.metadata;
      return metadata ? [[metadata.urn, metadata.new?.outputs ?? {}] as const] : [];
    }),
  );
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** A cluster that does not answer: the Kubernetes provider then previews without it, as the embedded engine does. */
const UNREACHABLE = `apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{ name: nowhere, cluster: { server: "https://127.0.0.1:1" } }]
contexts: [{ name: nowhere, context: { cluster: nowhere, user: nobody } }]
users: [{ name: nobody, user: { token: none } }]
`;
