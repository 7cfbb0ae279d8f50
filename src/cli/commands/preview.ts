import { join, relative, resolve } from "node:path";
import { serializeGraph } from "../../graph/json.js";
import type { ResourceGraph } from "../../graph/model.js";
import { type Findings, judge } from "../../policy/judge.js";
import { makeFolder, writeFolder, writeWhole } from "../../report/folder.js";
import { markdownReport } from "../../report/markdown.js";
import { treeReport } from "../../report/tree.js";
import { objectYamls, yamlReport } from "../../report/yaml.js";
import { images } from "../../rules/images/index.js";
import { exit, type Io } from "../io.js";
import { load, programOptions } from "../load.js";
import { type OptionSpecs, optionHelp, readArguments } from "../options.js";
import { textStyle } from "../style.js";
import { tellFaults, tellFolder, tellUnknown } from "../tell.js";

/** The one rule whose findings a preview tells; `plinth check` judges by all. */
const pinned = images.filter(({ id }) => id === "IMG001");

const formats: { readonly [format: string]: (graph: ResourceGraph, findings: Findings, io: Io) => string } = {
  tree: (graph, findings, io) => treeReport(graph, findings, textStyle(io)),
  json: serializeGraph,
  yaml: (graph) => yamlReport(objectYamls(graph)),
  markdown: markdownReport,
};

const options: OptionSpecs = {
  format: { value: "FORMAT", short: "f", choices: Object.keys(formats), help: "how to print; default tree" },
  out: { value: "DIR", short: "o", help: "also write graph.json and kubernetes/*.yaml there" },
  ...programOptions,
};

const help = `Show every resource that a program declares, before anything exists and without credentials.

Usage: plinth preview [FOLDER | MANIFESTS... | -]

A folder with a Pulumi.yaml is run as a program (default: the current folder). Other folders and
files are read as Kubernetes manifests, "-" reads them from standard input.

${optionHelp(options)}

Examples:
  plinth preview examples/fraud-detection --stack dev
  plinth preview --stack prod --config fraud:replicas=3 --format json > graph.json
  helm template my-chart | plinth preview -
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const parsed = readArguments("preview", args, options);
  if (parsed.values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const { graph, faults } = await load(parsed, io);
  const [format = "tree"] = parsed.values.format ?? [];
  const findings = judge(graph, pinned);
  io.stdout(formats[format]?.(graph, findings, io) ?? "");
  if (format === "yaml") tellUnknown(graph, objectYamls(graph), io);
  const [out] = parsed.values.out ?? [];
  if (out !== undefined) await writeOut(graph, out, format === "tree" ? io.stdout : io.stderr, io);
  if (format !== "tree") tellFaults(faults, io);
  return faults.length > 0 ? exit.failed : exit.ok;
}

async function writeOut(graph: ResourceGraph, out: string, tell: (text: string) => void, io: Io): Promise<void> {
  const folder = resolve(io.directory, out);
  const shown = relative(io.directory, folder) || ".";
  await makeFolder(folder);
  await writeWhole(join(folder, "graph.json"), serializeGraph(graph));
  const written = await writeFolder(join(folder, "kubernetes"), objectYamls(graph));
  tell(`\nWrote ${join(shown, "graph.json")}\n`);
  tellFolder(join(shown, "kubernetes"), written, { ...io, stdout: tell });
}
