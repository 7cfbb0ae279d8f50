import { dirname, posix, relative, resolve, sep } from "node:path";
import type { ResourceGraph } from "../../graph/model.js";
import { type Policy, resolvePolicy } from "../../policy/config/resolve.js";
import { environments, severities } from "../../policy/config/schema.js";
import { environmentOf } from "../../policy/environment.js";
import type { Findings } from "../../policy/judge.js";
import { check, fails } from "../../policy/run.js";
import { readBaseline } from "../../report/findings/baseline.js";
import { findingReports } from "../../report/findings/index.js";
import type { Environment } from "../../rules/index.js";
import { exit, type Io } from "../io.js";
import { load, programOptions } from "../load.js";
import { type OptionSpecs, optionHelp, type ParsedArguments, readArguments } from "../options.js";
import { policyOption, readPolicy, waiversFor } from "../policy.js";
import { type ReportFile, reportFiles, reportOption, writeReports } from "../reports.js";
import { textStyle } from "../style.js";
import { tellFaults } from "../tell.js";
import { version } from "../version.js";

const formats = Object.keys(findingReports);

const options: OptionSpecs = {
  format: { value: "FORMAT", short: "f", choices: formats, help: "how to print; default text" },
  report: reportOption,
  policy: policyOption,
  environment: {
    value: "NAME",
    choices: environments,
    help: "where it will run; default what the program's platform or the policy file says",
  },
  "fail-on": { value: "SEVERITY", choices: severities, help: "the lowest severity that fails; default high" },
  undecided: { value: "HOW", choices: ["report", "error"], help: "whether what is undecided fails; default report" },
  baseline: { value: "FILE", help: "findings of an earlier check (--format json); only new ones count" },
  ...programOptions,
};

const help = `Check what a program or manifests declare against the rules for machine-learning platforms.

Usage: plinth check [FOLDER | MANIFESTS... | GRAPH.json | PREVIEW.json | STATE.json | -]

A folder with a Pulumi.yaml is run as a program, without credentials. Other folders and files are read
as Kubernetes manifests, JSON files also as what "plinth preview --format json", "pulumi preview --json"
or "pulumi stack export" wrote; "-" reads manifests from standard input.

${optionHelp(options)}

Exit status: 0 no finding at or above --fail-on, 1 findings, 2 the input could not be read or run.

Examples:
  plinth check examples/fraud-detection --stack prod
  helm template my-chart | plinth check - --environment production
  plinth check manifests --format json --report sarif=plinth.sarif
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const parsed = readArguments("check", args, options);
  if (parsed.values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const reports = reportFiles(parsed.values.report, formats);
  const folder = folderOf(parsed, io);
  const file = await readPolicy(parsed, folder, io);
  const loaded = await load(parsed, io);
  const resolved = policyFor(parsed, file, environmentOf(loaded.graph));
  const baseline = parsed.values.baseline?.[0];
  const findings = check(loaded.graph, {
    policy: resolved,
    waivers: waiversFor(file.read, resolved.environment),
    today: new Date().toISOString().slice(0, 10),
    secrets: loaded.secrets,
    ...(baseline !== undefined && { isKnown: await readBaseline(resolve(io.directory, baseline), baseline) }),
  });
  await print(findings, resolved, {
    parsed,
    reports,
    folder: sourceFolder(loaded.graph, folder, parsed.positionals, io),
    io,
  });
  tellFaults(loaded.faults, io);
  for (const { message } of findings.errors ?? []) io.stderr(`plinth: ${message}\n`);
  if (loaded.faults.length > 0 || (findings.errors ?? []).length > 0) return exit.failed;
  return fails(findings, resolved) ? exit.findings : exit.ok;
}

/** The folder whose policy file counts: that of the program, or the first one named. */
function folderOf({ positionals }: ParsedArguments, io: Io): string {
  const [first = "."] = positionals;
  if (first === "-") return io.directory;
  const path = resolve(io.directory, first);
  return /\.(ya?ml|json)$/.test(path) ? dirname(path) : path;
}

/** Files of findings are relative to the program or to what was read; a report wants them as the user would open them. */
function sourceFolder({ origin }: ResourceGraph, folder: string, paths: readonly string[], io: Io): string {
  // Of several paths they are relative to where the user stands already.
  if (origin === "manifests" && paths.length > 1) return ".";
  const shown = relative(io.directory, folder).split(sep).join(posix.sep);
  return shown === "" ? "." : shown;
}

/** How strict this check is: the command line's word, then the file's, then the program's. */
function policyFor(
  { values }: ParsedArguments,
  { read, rules }: Awaited<ReturnType<typeof readPolicy>>,
  said: Environment | undefined,
): Policy {
  const [environment] = (values.environment ?? []) as Environment[];
  const [failOn] = values["fail-on"] ?? [];
  const [undecided] = values.undecided ?? [];
  return {
    ...resolvePolicy(rules, read, environment ?? read?.policy.environment ?? said),
    ...(failOn !== undefined && { failOn: failOn as Policy["failOn"] }),
    ...(undecided !== undefined && { undecided: undecided as Policy["undecided"] }),
  };
}

interface Printing {
  readonly parsed: ParsedArguments;
  readonly reports: readonly ReportFile[];
  readonly folder: string;
  readonly io: Io;
}

async function print(findings: Findings, { rules }: Policy, { parsed, reports, folder, io }: Printing): Promise<void> {
  const [format = "text"] = parsed.values.format ?? [];
  const written = (name: string, style = { color: false, unicode: true }) =>
    findingReports[name]?.({ findings, rules, context: { folder }, style, version: version() }) ?? "";
  io.stdout(written(format, textStyle(io)));
  await writeReports(reports, (name) => written(name), io);
}
