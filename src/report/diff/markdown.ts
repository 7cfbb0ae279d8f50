import type { ResourceChange } from "../../graph/diff/index.js";
import { code, details, escaped, table } from "../markdown-parts.js";
import type { DiffParts } from "./index.js";
import { changesOf, differenceText, noteOf, pathText, placeText, summaryText, titleOf } from "./shown.js";

/** The difference as GitHub Markdown, for a comment on a pull request: what can hurt open, the rest behind a click. */
export function diffMarkdown({ diff, folder }: DiffParts): string {
  const of = (action: ResourceChange["action"]) => changesOf(diff, action);
  return `${[
    diff.risks.length > 0 ? "### Changes: data at risk" : "### Changes",
    `${escaped(summaryText(diff))}.`,
    ...open(
      ["Risk", "Resource", ""],
      diff.risks.map(({ kind, title, message }) => [kind, escaped(title), escaped(message)]),
    ),
    ...open(
      ["", "Resource", "Because of", "At"],
      [...of("remove"), ...of("replace")].map((change) => [
        change.action === "remove" ? "removed" : change.certain ? "replaced" : "may be replaced",
        escaped(titleOf(change)),
        change.paths.flatMap((path) => (path.replaces ? [`${code(pathText(path))} ${value(path)}`] : [])).join("<br>"),
        code(placeText(change, folder)),
      ]),
    ),
    ...details(
      `Changed values: ${[...of("change"), ...of("replace")].reduce((sum, { paths }) => sum + paths.length, 0)}`,
      ["Resource", "Path", "Difference", ""],
      [...of("replace"), ...of("change"), ...of("rename")].flatMap((change) =>
        change.paths.map((path) => [escaped(titleOf(change)), code(pathText(path)), value(path), noteOf(path)]),
      ),
    ),
    ...details(
      `Added: ${of("add").length}`,
      ["Resource", "At"],
      of("add").map((change) => [escaped(titleOf(change)), code(placeText(change, folder))]),
    ),
    ...details(
      `Renamed by an alias: ${of("rename").length}`,
      ["Resource", "Was"],
      of("rename").map(({ title, formerTitle = title }) => [escaped(title), escaped(formerTitle)]),
    ),
  ].join("\n\n")}\n`;
}

function open(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [table(header, rows)];
}

function value(path: Parameters<typeof differenceText>[0]): string {
  return escaped(differenceText(path));
}
