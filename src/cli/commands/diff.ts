import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { assembleGraph } from "../../graph/assemble.js";
import { type DiffSecrets, diffGraphs, type GraphDiff } from "../../graph/diff/index.js";
import { InputError, type ResourceGraph } from "../../graph/model.js";
import { diffReports } from "../../report/diff/index.js";
import { exit, type Io } from "../io.js";
import { type Loaded, load, programOptions } from "../load.js";
import { type OptionSpecs, optionHelp, type ParsedArguments, readArguments } from "../options.js";
import { type ReportFile, reportFiles, reportOption, writeReports } from "../reports.js";
import { type Checkout, findRevision, type Revision, revisionAt, withCheckouts } from "../revisions.js";
import { textStyle } from "../style.js";
import { tellFaults } from "../tell.js";

const formats = Object.keys(diffReports);
const thresholds = ["risk", "replace", "any", "none"];

const options: OptionSpecs = {
  format: { value: "FORMAT", short: "f", choices: formats, help: "how to print; default text" },
  report: reportOption,
  "fail-on": {
    value: "WHAT",
    choices: thresholds,
    help: "what ends with status 1: data at risk, also replacements, any difference; default risk",
  },
  install: { help: 'run "npm ci" for a revision that the packages installed here do not fit' },
  ...programOptions,
};

const help = `Say what a change does to the resources: what is added, removed, changed, replaced, what loses data.

Usage: plinth diff BASE HEAD [FOLDER]
       plinth diff REVISION FOLDER
       plinth diff FILE_OR_FOLDER FILE_OR_FOLDER

BASE and HEAD are revisions of the git repository that the folder is in (default: the current one).
They are checked out into temporary worktrees; a program in the folder is run, without credentials.
With one revision the folder is compared as it is now. Files are what "plinth preview --format json",
"pulumi preview --json" or "pulumi stack export" wrote, or Kubernetes manifests, as folders are.

${optionHelp(options)}

Exit status: 0 nothing that --fail-on names, 1 there is, 2 the input could not be read or run.

Examples:
  plinth diff main HEAD examples/fraud-detection --stack prod
  plinth diff main . --stack prod --fail-on replace --report markdown=diff.md
  plinth diff before.json after.json --format json
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const parsed = readArguments("diff", args, options);
  if (parsed.values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const reports = reportFiles(parsed.values.report, formats);
  const { names, revisions, inputs } = await sidesOf(parsed.positionals, io);
  const tell = (line: string) => io.stderr(`plinth: ${line}\n`);
  const sides = await withCheckouts(
    revisions,
    { install: parsed.values.install !== undefined, tell },
    async (checkouts) => {
      // Both to their end before the checkouts go, though one of them fails.
      const loaded = await Promise.allSettled(
        inputs.map((input, index) =>
          loadSide({ name: names[index] ?? "", input, inputs, checkout: checkouts[index] }, parsed, io),
        ),
      );
      return loaded.map((side) => {
        if (side.status === "rejected") throw side.reason;
        return side.value;
      });
    },
  );
  const [base, head] = sides;
  if (!base?.run && !head?.run) throw new InputError(`neither ${names.join(" nor ")} has the folder ${inputs[0]}.`);
  const faults = sides.flatMap(({ run }, index) =>
    (run?.faults ?? []).map((fault) => ({ ...fault, message: `${names[index]}: ${fault.message}` })),
  );
  if (faults.length > 0) {
    // What could not be read is not known to be gone.
    tellFaults(faults, io);
    return exit.failed;
  }
  tellDifferentOrigins(
    sides.flatMap(({ run }) => run?.graph ?? []),
    tell,
  );
  for (const [index, { run }] of sides.entries()) {
    if (!run) tell(`${names[index]} has no folder ${inputs[index]}; it is compared with nothing`);
  }
  const diff = compare(base?.run, head?.run);
  await print(diff, parsed, { reports, folder: headFolder(inputs[1] ?? ".") }, io);
  return fails(diff, parsed.values["fail-on"]?.[0] ?? "risk") ? exit.findings : exit.ok;
}

interface Sides {
  /** As the user wrote them. */
  readonly names: readonly string[];
  /** Undefined for a side that is a file or folder. */
  readonly revisions: readonly (Revision | undefined)[];
  /** What to read: a file, a folder, or the folder in a revision. */
  readonly inputs: readonly string[];
}

/** What the arguments name. Throws InputError for what is neither there nor a revision, or both. */
async function sidesOf(positionals: readonly string[], io: Io): Promise<Sides> {
  const [base, head, third, ...more] = positionals;
  if (base === undefined || head === undefined) {
    throw new InputError('plinth diff needs two things to compare. See "plinth diff --help".');
  }
  const names = [base, head];
  const found = await Promise.all(names.map((name) => isThere(name, io)));
  const [path] = names.filter((_, index) => found[index]);
  const folder = third ?? path ?? ".";
  const cwd = resolve(io.directory, folder === "-" ? "." : folder);
  const commits = await Promise.all(names.map((name, index) => commitOf(name, found[index] === true, cwd)));
  const isRevision = commits.map((commit) => commit !== undefined);
  if (more.length > 0 || (third !== undefined && isRevision.includes(false))) {
    throw new InputError(`plinth diff compares two things: ${positionals.join(" ")} names more.`);
  }
  const revisions = await Promise.all(
    commits.map((commit, index) => (commit === undefined ? undefined : revisionAt(names[index] ?? "", commit, cwd))),
  );
  return { names, revisions, inputs: names.map((name, index) => (isRevision[index] ? folder : name)) };
}

async function isThere(name: string, io: Io): Promise<boolean> {
  return name === "-" || (await stat(resolve(io.directory, name)).catch(() => undefined)) !== undefined;
}

async function commitOf(name: string, isPath: boolean, cwd: string): Promise<string | undefined> {
  const commit = name === "-" ? undefined : await findRevision(name, cwd);
  if (isPath && commit !== undefined && name !== "." && name !== "..") {
    throw new InputError(
      `${name} is a revision and a file or folder here. Write ./${name} for what is here, or the revision's full name such as refs/heads/${name}.`,
    );
  }
  if (isPath || commit !== undefined) return isPath ? undefined : commit;
  const remote = await findRevision(`origin/${name}`, cwd);
  const hint = remote
    ? `Did you mean origin/${name}?`
    : "In a checkout that is not complete, fetch the revision first (actions/checkout: fetch-depth: 0).";
  throw new InputError(`${name} is neither a file or folder here nor a revision of the git repository. ${hint}`);
}

interface Side {
  readonly name: string;
  readonly input: string;
  /** Of both sides. */
  readonly inputs: readonly string[];
  readonly checkout: Checkout | undefined;
}

/** The graph of one side; `run` is absent when the revision does not have the folder. */
async function loadSide(
  { name, input, inputs, checkout }: Side,
  parsed: ParsedArguments,
  io: Io,
): Promise<{ run?: Loaded }> {
  const path = checkout?.path ?? input;
  if (checkout && !(await isThere(path, io))) return {};
  const { worktree } = checkout ?? {};
  // Where a revision is checked out concerns nobody.
  const readable = (text: string) => (worktree === undefined ? text : text.replaceAll(worktree, `${name}:`));
  const values = isFile(path) && !inputs.every(isFile) ? {} : programValues(parsed);
  try {
    const run = await load({ positionals: [path], values }, { ...io, stderr: (text) => io.stderr(readable(text)) });
    if (!run.graph.complete && run.faults.length === 0) {
      throw new InputError("the graph is not complete: what is missing is not known to be gone.");
    }
    return { run };
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${name}: ${readable(error.message)}`);
    throw error;
  }
}

/** Where the files that the graph of the head names are, from where the user stands. A saved graph does not say. */
function headFolder(input: string): string {
  if (input === "-" || input.endsWith(".json")) return ".";
  return isFile(input) ? dirname(input) : input;
}

/** The options of programs mean nothing to a file that is compared with one. */
function isFile(path: string): boolean {
  return /\.(json|ya?ml)$/.test(path);
}

function programValues({ values }: ParsedArguments): ParsedArguments["values"] {
  return Object.fromEntries(Object.entries(values).filter(([option]) => Object.hasOwn(programOptions, option)));
}

/** A side that has nothing is an empty graph of the other one's project. */
function compare(base: Loaded | undefined, head: Loaded | undefined): GraphDiff {
  const [left, right] = [base?.graph ?? emptyLike(head?.graph), head?.graph ?? emptyLike(base?.graph)];
  const secrets: DiffSecrets = { ...(base && { base: base.secrets }), ...(head && { head: head.secrets }) };
  return diffGraphs(left, right, secrets);
}

function emptyLike(graph: ResourceGraph | undefined): ResourceGraph {
  const { origin = "program", project = "", stack = "" } = graph ?? {};
  return assembleGraph({ origin, project, stack, nodes: [] });
}

function tellDifferentOrigins(graphs: readonly ResourceGraph[], tell: (line: string) => void): void {
  const origins = new Set(graphs.map(({ origin }) => origin));
  if (origins.size > 1 && origins.has("pulumi")) {
    tell("only one side is what Pulumi wrote: inputs that a provider fills in by itself show as differences");
  }
}

function fails({ changes, risks }: GraphDiff, failOn: string): boolean {
  if (failOn === "none") return false;
  if (failOn === "any") return changes.length > 0;
  return risks.length > 0 || (failOn === "replace" && changes.some(({ action }) => action === "replace"));
}

interface Printing {
  readonly reports: readonly ReportFile[];
  readonly folder: string;
}

async function print(
  diff: GraphDiff,
  { values }: ParsedArguments,
  { reports, folder }: Printing,
  io: Io,
): Promise<void> {
  const [format = "text"] = values.format ?? [];
  io.stdout(diffReports[format]?.({ diff, folder, style: textStyle(io) }) ?? "");
  const plain = { color: false, unicode: true };
  await writeReports(reports, (name) => diffReports[name]?.({ diff, folder, style: plain }) ?? "", io);
}
