import { clean } from "../../graph/describe.js";
import type { Action, PathChange, Risk } from "../../graph/diff/index.js";
import { groupBy } from "../facts.js";
import { type Color, columns, paint, type TextStyle, wrap } from "../text.js";
import type { DiffParts } from "./index.js";
import { actions, changesOf, differenceText, noteOf, pathText, placeText, summaryText, titleOf } from "./shown.js";

const colors: { readonly [action in Action]: Color } = {
  remove: "red",
  replace: "red",
  change: "yellow",
  rename: "cyan",
  add: "green",
};

/** What `plinth diff` prints: the risks, then every resource that differs with its values, then the sums. */
export function diffText({ diff, folder, style }: DiffParts): string {
  const risks = [...groupBy(diff.risks, ({ urn }) => urn).values()].flatMap((group) => riskLines(group, style));
  const changes = actions.flatMap(({ action, sign, words }) =>
    changesOf(diff, action).flatMap((change) => {
      const head: Head = {
        sign: sign === "±" && !style.unicode ? "-/+" : sign,
        color: colors[action],
        title: titleOf(change),
        words: change.certain ? words : "may be replaced",
        place: placeText(change, folder),
      };
      return [headLine(head, style), ...change.paths.map((path) => `    ${pathLine(path, style)}`)];
    }),
  );
  return `${[
    ...(risks.length > 0 ? [`${paint(style, "red", "At risk of data loss")}\n${risks.join("\n")}\n`] : []),
    ...(changes.length > 0 ? [`${changes.join("\n")}\n`] : []),
    arrows(summaryText(diff), style),
  ].join("\n")}\n`;
}

function riskLines(risks: readonly Risk[], style: TextStyle): string[] {
  return [
    `  ${paint(style, "bold", risks[0]?.title ?? "")}`,
    ...risks.flatMap(({ message }) => wrap(clean(arrows(message, style)), "    ", "    ")),
  ];
}

interface Head {
  readonly sign: string;
  readonly color: Color;
  readonly title: string;
  readonly words: string;
  readonly place: string;
}

function headLine({ sign, color, title, words, place }: Head, style: TextStyle): string {
  const width = `${sign} ${title} ${words}${place}`.length;
  const end = place === "" ? "" : " ".repeat(Math.max(2, columns - width)) + paint(style, "dim", place);
  return `${paint(style, color, sign)} ${paint(style, "bold", title)} ${words}${end}`;
}

function pathLine(path: PathChange, style: TextStyle): string {
  const note = noteOf(path);
  return `${pathText(path)}: ${arrows(differenceText(path), style)}${note === "" ? "" : paint(style, "red", ` (${note})`)}`;
}

function arrows(text: string, { unicode }: TextStyle): string {
  return unicode ? text : text.replaceAll("→", "->").replaceAll("…", "...");
}
