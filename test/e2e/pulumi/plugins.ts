import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { requiredPackages } from "./language-nodejs/packages.js";

/** A package whose provider plugin is not to be had here and is stood in for. */
export interface StandInPackage {
  readonly name: string;
  readonly version: string;
}

/** What the stand-in providers say about a cloud that is not there. */
export interface StandIns {
  /** Packages besides those of the program's `node_modules`. @default none */
  readonly packages?: readonly StandInPackage[];
  /** Answers to data sources by token, e.g. `aws:eks/getCluster:getCluster`, merged with the arguments of the call. */
  readonly answers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const require = createRequire(import.meta.url);
const versionOf = (name: string) =>
  (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as { version: string }).version;

/**
 * Fills the plugin cache of a Pulumi home: the language host, the real Kubernetes provider, and a stand-in for each
 * other package of the program's `node_modules`. Plugins of the cache are taken by version and without the warnings that those on PATH
 * cause.
 */
export async function installPlugins(
  home: string,
  options: { modules: string; kubernetes?: string | undefined; clouds?: StandIns | undefined },
): Promise<void> {
  const plugins = join(home, "plugins");
  const folder = (name: string) => {
    mkdirSync(join(plugins, name), { recursive: true });
    return join(plugins, name);
  };
  const programs = await bundles();
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder("programs"), `${name}.mjs`), text);
  const script = (name: string) => join(plugins, "programs", `${name}.mjs`);
  const answers = join(plugins, "programs", "answers.json");
  writeFileSync(answers, JSON.stringify(options.clouds?.answers ?? {}));

  writeCommand(join(folder(`language-nodejs-v${versionOf("@pulumi/pulumi")}`), "pulumi-language-nodejs"), [
    script("language-nodejs"),
  ]);
  if (options.kubernetes) {
    const cached = folder(`resource-kubernetes-v${versionOf("@pulumi/kubernetes")}`);
    symlinkSync(options.kubernetes, join(cached, "pulumi-resource-kubernetes"));
  }
  const packages = [...requiredPackages(options.modules), ...(options.clouds?.packages ?? [])];
  for (const { name, version } of packages) {
    if (name === "kubernetes") continue;
    const number = version.replace(/^v/, "");
    const command = join(folder(`resource-${name}-v${number}`), `pulumi-resource-${name}`);
    writeCommand(command, [script("stand-in"), name, number, answers]);
  }
}

/** An executable file that runs a Node.js program, with arguments of ours before those of the caller. */
export function writeCommand(file: string, args: readonly string[]): void {
  const quoted = [process.execPath, ...args].map((each) => `'${each.replaceAll("'", `'\\''`)}'`);
  writeFileSync(file, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`);
  chmodSync(file, 0o755);
}

let built: Promise<Record<"language-nodejs" | "stand-in", string>> | undefined;

/** The two servers as programs of one file each, made once a process. */
function bundles(): Promise<Record<"language-nodejs" | "stand-in", string>> {
  built ??= Promise.all([bundle("language-nodejs"), bundle("stand-in")]).then(([host, standIn]) => ({
    "language-nodejs": host,
    "stand-in": standIn,
  }));
  return built;
}

async function bundle(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./${name}/main.ts`, import.meta.url))],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    // The libraries are CommonJS and load Node's own modules with `require`.
    banner: { js: 'import { createRequire as from } from "node:module"; const require = from(import.meta.url);' },
  });
  return outputFiles[0]!.text;
}
