import { readFile, stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { type GraphRun, InputError, type Notice } from "../graph/model.js";
import type { Io } from "./io.js";
import { keyValues, type OptionSpecs, type ParsedArguments, seconds } from "./options.js";

/** The options of every command that reads a program. */
export const programOptions: OptionSpecs = {
  stack: { value: "STACK", short: "s", help: "the stack of the program; its Pulumi.STACK.yaml is read" },
  config: { value: "KEY=VALUE", short: "c", repeats: true, help: "a configuration value; can be given again" },
  organization: { value: "NAME", help: "what pulumi.getOrganization() answers" },
  timeout: { value: "TIME", help: "give up when the program is not done by then, such as 60s" },
  help: { short: "h", help: "this help" },
};

/** A graph, and what could not be read while the rest was. */
export interface Loaded extends GraphRun {
  readonly faults: readonly Notice[];
}

/**
 * Reads what the arguments name: a folder with a Pulumi.yaml is run as a program, everything else is read as
 * Kubernetes manifests, a JSON file that `plinth preview --format json`, `pulumi preview --json` or `pulumi stack export`
 * wrote as the graph it is.
 */
export async function load({ positionals, values }: ParsedArguments, io: Io): Promise<Loaded> {
  const paths = positionals.length > 0 ? positionals : ["."];
  const programs = (await Promise.all(paths.map((path) => programFolder(path, io)))).filter(
    (path) => path !== undefined,
  );
  const [program] = programs;
  if (program !== undefined) {
    if (paths.length > 1) throw new InputError(`Give one program, or manifests alone: ${paths.join(" ")}.`);
    return withProgress(`running the program in ${paths[0]}`, io, () => runFolder(program, values, io));
  }
  const unused = ["stack", "config", "organization", "timeout"].filter((name) => values[name]);
  if (unused.length > 0) {
    throw new InputError(
      `--${unused[0]} is for a program, and ${paths.join(" ")} has no Pulumi.yaml: it would be read as Kubernetes manifests.`,
    );
  }
  const graph = await savedGraph(paths, io);
  if (graph) return graph;
  const { readManifests } = await import("../graph/manifests.js");
  return withProgress("reading manifests", io, async () =>
    readManifests({ paths, directory: io.directory, ...(paths.includes("-") && { stdin: await io.stdin() }) }),
  );
}

async function runFolder(directory: string, values: ParsedArguments["values"], io: Io): Promise<Loaded> {
  const lines: string[] = [];
  const { runProgram } = await import("../engine/run-program.js");
  const [stack] = values.stack ?? [];
  const [organization] = values.organization ?? [];
  const [timeout] = values.timeout ?? [];
  const run = await runProgram({
    directory,
    onLog: (line) => lines.push(line),
    ...(stack !== undefined && { stack }),
    ...(organization !== undefined && { organization }),
    ...(timeout !== undefined && { timeoutSeconds: seconds("timeout", timeout) }),
    ...(values.config && { config: keyValues("config", values.config) }),
  });
  // What the program prints goes to stderr, so that it never mixes with JSON; its warnings are notices already.
  const told = new Set(run.graph.notices.map(({ message }) => message));
  for (const line of lines.filter((text) => !told.has(text))) io.stderr(`${line}\n`);
  const faults = run.graph.complete ? [] : run.graph.notices.filter((notice) => notice.severity === "error");
  return { ...run, faults };
}

/** The folder of the Pulumi program that the path names; undefined when it names none. */
async function programFolder(path: string, io: Io): Promise<string | undefined> {
  if (path === "-") return undefined;
  const full = resolve(io.directory, path);
  if (/^Pulumi\.ya?ml$/.test(basename(full)) && (await isFile(full))) return dirname(full);
  const found = await Promise.all(["Pulumi.yaml", "Pulumi.yml"].map((name) => isFile(resolve(full, name))));
  return found.includes(true) ? full : undefined;
}

async function savedGraph(paths: readonly string[], io: Io): Promise<Loaded | undefined> {
  const [path = ""] = paths;
  const full = resolve(io.directory, path);
  if (paths.length !== 1 || !path.endsWith(".json") || !(await isFile(full))) return undefined;
  const text = await readFile(full, "utf8");
  const { isPulumiJson, readPulumiJson } = await import("../graph/pulumi-json.js");
  if (isPulumiJson(text)) return { graph: readPulumiJson(text, path), secrets: new Map(), faults: [] };
  if (!/"nodes"\s*:/.test(text) || !/"origin"\s*:/.test(text)) return undefined;
  const { parseGraph } = await import("../graph/parse.js");
  return { graph: parseGraph(text, path), secrets: new Map(), faults: [] };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Says on stderr what is being waited for, once it takes longer than a second. */
export async function withProgress<T>(what: string, io: Io, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => io.stderr(`plinth: ${what} ...\n`), 1000);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
