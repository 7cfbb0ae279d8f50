import { clean, title } from "../graph/describe.js";
import type { Notice, ResourceGraph } from "../graph/model.js";
import { namedNotices, placeOf, plural } from "../report/facts.js";
import type { WrittenFolder } from "../report/folder.js";
import { notRendered, type ObjectYaml } from "../report/yaml.js";
import type { Io } from "./io.js";

/** Says on stderr what the YAML does not hold, so that nobody applies it believing it is whole. */
export function tellUnknown(graph: ResourceGraph, objects: readonly ObjectYaml[], io: Io): void {
  const unknown = objects.flatMap(({ node, unknown }) =>
    unknown.map(({ path, maker }) => `  ${title(node)} ${clean(path)}: ${maker}\n`),
  );
  const withheld = objects.reduce((total, object) => total + object.withheld.length, 0);
  const opaque = notRendered(graph).map((name) => `  ${name}\n`);
  if (unknown.length > 0) {
    io.stderr(
      `plinth: known only after deployment, placeholders stand for ${plural(unknown.length, "value")}:\n${unknown.join("")}`,
    );
  }
  if (withheld > 0)
    io.stderr(`plinth: ${plural(withheld, "secret value")} withheld; render with --show-secrets to write them\n`);
  if (opaque.length > 0)
    io.stderr(`plinth: not written, their objects cannot be seen before deployment:\n${opaque.join("")}`);
}

export function tellFolder(folder: string, { files, foreign }: WrittenFolder, io: Io): void {
  io.stdout(`Wrote ${plural(files.length, "Kubernetes object")} to ${folder}\n`);
  if (foreign.length === 0) return;
  const named = foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? ` and ${foreign.length - 3} more` : "");
  io.stderr(
    `plinth: ${folder} also holds ${named}, not written by plinth; kubectl apply -f ${folder} would apply them too\n`,
  );
}

/** Warnings and errors, and configuration that a placeholder stands for: those change what the YAML says. */
export function tellNotices(graph: ResourceGraph, io: Io): void {
  tellFaults(
    namedNotices(graph).filter(({ severity, code }) => severity !== "info" || code === "placeholder-config"),
    io,
  );
}

/** What could not be read, one line each. */
export function tellFaults(faults: readonly Notice[], io: Io): void {
  for (const { message, source } of faults) {
    const place = placeOf(source);
    io.stderr(`plinth: ${clean(`${place ? `${place}: ` : ""}${message}`)}\n`);
  }
}
