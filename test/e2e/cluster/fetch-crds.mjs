// CustomResourceDefinitions out of the Go modules of the controllers they belong to, into the user's cache folder.
//
//   node test/e2e/cluster/fetch-crds.mjs [NAME…]     prints the file of each; without names, of all there are

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseAllDocuments } from "yaml";
import { fromModule } from "./module-files.mjs";

/** Which controller's module has which definitions, in which of its folders. */
const SOURCES = [
  {
    tool: "argo-rollouts",
    module: "github.com/argoproj/argo-rollouts",
    folder: "manifests/crds",
    crds: [
      "analysisruns.argoproj.io",
      "analysistemplates.argoproj.io",
      "clusteranalysistemplates.argoproj.io",
      "experiments.argoproj.io",
      "rollouts.argoproj.io",
    ],
  },
];

/**
 * The file with a definition as JSON, extracted first where the cache does not have it.
 * @param {string} name e.g. `rollouts.argoproj.io`
 */
export async function crdFile(name) {
  const source = SOURCES.find(({ crds }) => crds.includes(name));
  if (source === undefined) {
    throw new Error(`no controller of ${import.meta.filename} has ${name}: add its module to the table there`);
  }
  const { tool, module } = source;
  const folder = await fromModule({ tool, module, what: "crds", fill: (from, to) => extract(source, from, to) });
  return join(folder, `${name}.json`);
}

async function extract({ module, folder, crds }, moduleFolder, target) {
  const found = await definitions(join(moduleFolder, folder));
  const missing = crds.filter((name) => !found.some(({ metadata }) => metadata.name === name));
  if (missing.length > 0) throw new Error(`${module} has no ${missing.join(", ")} in ${folder}`);
  for (const crd of found) await writeFile(join(target, `${crd.metadata.name}.json`), JSON.stringify(crd));
}

async function definitions(folder) {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()))
    .filter((object) => object?.kind === "CustomResourceDefinition");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const names = process.argv.slice(2);
  const wanted = names.length > 0 ? names : SOURCES.flatMap(({ crds }) => crds);
  try {
    for (const name of wanted) console.log(await crdFile(name));
  } catch (error) {
    console.error(`fetch-crds: ${error.message}`);
    process.exitCode = 1;
  }
}
