import { displayName, resources, shortType } from "../graph/describe.js";
import type { ResourceGraph, ResourceNode } from "../graph/model.js";
import type { Findings } from "../policy/judge.js";
import { type Facts, factsOf, groupBy, placeOf, plural } from "./facts.js";
import { code, details, escaped } from "./markdown-parts.js";

/** The preview as GitHub Markdown, for a comment on a pull request. */
export function markdownReport(graph: ResourceGraph, findings: Findings): string {
  const facts = factsOf(graph, findings);
  return `${[
    `## ${escaped(graph.project)}, stack ${escaped(graph.stack)}`,
    `${facts.summary}.${facts.complete ? "" : " **Incomplete: not everything could be read or run.**"}`,
    ...resourceTable(graph),
    ...details(
      `Known after deployment: ${plural(count(facts), "value")}`,
      ["Made by", "Value", "Used by"],
      facts.unknowns.flatMap(({ maker, values }) =>
        values.map(({ path, usedBy }) => [
          escaped(maker),
          code(path),
          usedBy.length > 3
            ? `${usedBy.slice(0, 3).map(escaped).join("<br>")}<br>and ${usedBy.length - 3} more`
            : usedBy.map(escaped).join("<br>"),
        ]),
      ),
    ),
    ...details(
      `Questions to the cloud without an answer: ${facts.unanswered.length}`,
      ["Question", "Asked at"],
      facts.unanswered.map(({ token, source }) => [code(token), code(placeOf(source) ?? "")]),
    ),
    ...details(
      `Images that are not pinned by digest (IMG001): ${facts.images.length}`,
      ["Image", "Used by"],
      facts.images.map(({ message, usedBy }) => [escaped(message), usedBy.slice(0, 3).map(escaped).join("<br>")]),
    ),
    ...details(
      `Notices: ${facts.notices.length}`,
      ["", "Notice", "At"],
      facts.notices.map(({ severity, message, source }) => [severity, escaped(message), code(placeOf(source) ?? "")]),
    ),
    ...(facts.secrets > 0 ? [`${plural(facts.secrets, "secret value")} withheld.`] : []),
  ].join("\n\n")}\n`;
}

function resourceTable(graph: ResourceGraph): string[] {
  const groups = [...groupBy(resources(graph), shortType)].sort(([a], [b]) => (a < b ? -1 : 1));
  return details(
    "Resources",
    ["Type", "Count", "Names"],
    groups.map(([type, nodes]) => [escaped(type), String(nodes.length), names(nodes)]),
  );
}

function names(nodes: readonly ResourceNode[]): string {
  const shown = nodes.slice(0, 20).map((node) => code(displayName(node)));
  return shown.join(", ") + (nodes.length > 20 ? ` and ${nodes.length - 20} more` : "");
}

function count({ unknowns }: Facts): number {
  return unknowns.reduce((total, { values }) => total + values.length, 0);
}
