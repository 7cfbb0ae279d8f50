import { relative, resolve } from "node:path";
import { writeFolder } from "../../report/folder.js";
import { objectYamls, yamlReport } from "../../report/yaml.js";
import { exit, type Io } from "../io.js";
import { load, programOptions } from "../load.js";
import { type OptionSpecs, optionHelp, readArguments } from "../options.js";
import { tellFolder, tellNotices, tellUnknown } from "../tell.js";

const options: OptionSpecs = {
  out: { value: "DIR", short: "o", help: "write one file per object there; default: print them all" },
  "show-secrets": { help: "write the values of secrets; without it they are withheld" },
  ...programOptions,
};

const help = `Write the Kubernetes objects of a program as YAML, in the order in which they can be applied.

Usage: plinth render [FOLDER | MANIFESTS... | -] --out DIR

Files are named NN-kind-namespace-name.yaml. Files that an earlier run wrote and that are no longer
made are removed; files of others are left alone. Values that are made at deployment stand as
"<unknown: ...>" and are listed.

${optionHelp(options)}

Examples:
  plinth render examples/existing-cluster --out manifests && kubectl apply -f manifests
  plinth render --stack prod --show-secrets | kubectl diff -f -
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const parsed = readArguments("render", args, options);
  if (parsed.values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const { graph, secrets, faults } = await load(parsed, io);
  const objects = objectYamls(graph, parsed.values["show-secrets"] ? { secrets } : {});
  const [out] = parsed.values.out ?? [];
  if (out === undefined) io.stdout(yamlReport(objects));
  else {
    const folder = resolve(io.directory, out);
    tellFolder(relative(io.directory, folder) || ".", await writeFolder(folder, objects), io);
  }
  tellUnknown(graph, objects, io);
  tellNotices(graph, io);
  return faults.length > 0 ? exit.failed : exit.ok;
}
