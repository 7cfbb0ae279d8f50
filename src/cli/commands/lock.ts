import { stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { InputError } from "../../graph/model.js";
import { type Answers, type Comparison, compareLock, type LockLine } from "../../policy/lock/compare.js";
import { readLogins } from "../../policy/lock/credentials.js";
import { formatLock, type ImageLock, LOCK_FILE, lockOf } from "../../policy/lock/file.js";
import { chosen, insecureHosts, mirrorsOf } from "../../policy/lock/options.js";
import { entryOf, referencesOf, type Wanted } from "../../policy/lock/references.js";
import { lockJson, lockText } from "../../policy/lock/report.js";
import { resolveAll } from "../../policy/lock/resolve.js";
import { writeWhole } from "../../report/folder.js";
import { exit, type Io } from "../io.js";
import { load, programOptions, withProgress } from "../load.js";
import { keyValues, type OptionSpecs, optionHelp, type ParsedArguments, readArguments } from "../options.js";
import { tellFaults } from "../tell.js";

const options: OptionSpecs = {
  check: { help: "change nothing; fail when a name is not in the lock, or stands for something else by now" },
  offline: { help: "with --check: ask no registry, only compare with the file" },
  update: {
    value: "IMAGE",
    repeats: true,
    help: "ask again about this name, written --update=IMAGE; --update alone: all",
  },
  prune: { help: "take out what this program does not use; another stack may" },
  mirror: { value: "HOST=URL", repeats: true, help: "ask this mirror instead of the registry HOST" },
  "insecure-registry": { value: "HOST", repeats: true, help: "a registry that is asked without TLS" },
  format: { value: "FORMAT", short: "f", choices: ["text", "json"], help: "how to print; default text" },
  ...programOptions,
};

const help = `Write the digest of every image tag and chart version into ${LOCK_FILE}.

Usage: plinth lock [FOLDER | MANIFESTS... | -]

The file lies beside Pulumi.yaml, or in the folder of the manifests. Names that are in it keep their digest
until --update; constructs deploy those digests. Images inside of charts are not seen: pipe what
"helm template" prints. Logins come from "auths" of Docker's config.json; credential helpers are not run.

${optionHelp(options)}

Exit status: 0 fine, 1 something is not locked or moved, 2 a registry or the input could not be read.

Examples:
  plinth lock examples/fraud-detection --stack prod
  plinth lock --update=nvcr.io/nvidia/tritonserver:26.07-py3
  plinth lock --check --mirror docker.io=https://mirror.example.com
  helm template my-chart | plinth lock -
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const parsed = readArguments("lock", args.map(withValue), options);
  const { values } = parsed;
  if (values.help) {
    io.stdout(help);
    return exit.ok;
  }
  checkTogether(values);
  const check = values.check !== undefined;
  const insecure = insecureHosts(values["insecure-registry"] ?? []);
  const mirrors = mirrorsOf(keyValues("mirror", values.mirror ?? []), insecure);

  const { graph, faults } = await load(parsed, io);
  const folder = await folderOf(parsed.positionals, io);
  const before = lockOf(folder);
  const references = referencesOf(graph, before);
  const updated = chosen(references.wanted, values.update ?? []);
  const isAsked = (wanted: Wanted) => check || updated.has(wanted) || entryOf(wanted, before) === undefined;
  const asked = values.offline ? [] : references.wanted.filter(isAsked);
  const answers: Answers = await withProgress(`asking registries about ${asked.length} names`, io, async () =>
    asked.length === 0 ? new Map() : resolveAll(asked, { logins: await readLogins(io.env), mirrors, insecure }),
  );

  // What a program that failed half-way uses is not known.
  const prune = values.prune !== undefined && faults.length === 0;
  const comparison = compareLock(references, before, answers, { check, prune });
  const file = join(folder, LOCK_FILE);
  if (!check) await write(file, comparison.lock, before);

  const shown = relative(io.directory, file) || LOCK_FILE;
  const report = { ...comparison, file: shown, check, pruned: prune, pinned: references.pinned };
  if (values.format?.[0] === "json") io.stdout(lockJson(report));
  else {
    const { stdout, stderr } = lockText(report);
    io.stdout(stdout);
    io.stderr(stderr);
  }
  tellFaults(faults, io);
  return status(comparison, faults.length > 0);
}

/** `--update` stands alone for all; the value of an option that has one otherwise follows. */
function withValue(arg: string): string {
  return arg === "--update" ? "--update=*" : arg;
}

function checkTogether(values: ParsedArguments["values"]): void {
  if (values.offline && !values.check)
    throw new InputError("--offline is for --check: to lock, registries must be asked.");
  const writing = ["update", "prune"].find((name) => values[name]);
  if (writing && values.check)
    throw new InputError(`--check changes nothing, so --${writing} cannot be with it. Give one.`);
}

function status({ lines }: Comparison, hasFaults: boolean): number {
  const has = (...all: readonly LockLine["status"][]) => lines.some((line) => all.includes(line.status));
  if (has("missing", "moved", "wrong-platform", "unlockable")) return exit.findings;
  return has("failed") || hasFaults ? exit.failed : exit.ok;
}

async function write(file: string, lock: ImageLock, before: ImageLock): Promise<void> {
  const text = formatLock(lock);
  if (text === formatLock(before)) return;
  await writeWhole(file, text).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${file} cannot be written (${error.code ?? error.message}).`);
  });
}

/** The folder that holds all that was read: that of the program or of the manifests. */
async function folderOf(positionals: readonly string[], io: Io): Promise<string> {
  const paths = positionals.length > 0 ? positionals : ["."];
  const folders = await Promise.all(
    paths.map(async (path) => {
      const full = path === "-" ? io.directory : resolve(io.directory, path);
      return (await stat(full)).isDirectory() ? full : dirname(full);
    }),
  );
  return folders.reduce(commonFolder);
}

function commonFolder(a: string, b: string): string {
  return b === a || b.startsWith(a.endsWith(sep) ? a : `${a}${sep}`) ? a : commonFolder(dirname(a), b);
}
