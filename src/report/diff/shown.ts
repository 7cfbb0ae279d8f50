import { posix } from "node:path";
import { clean } from "../../graph/describe.js";
import type { Action, GraphDiff, PathChange, ResourceChange } from "../../graph/diff/index.js";
import type { Value } from "../../graph/model.js";
import { isSecret, unknownPlace } from "../../graph/values.js";
import { placeOf, plural } from "../facts.js";

/** Characters of a value that are shown; a whole manifest in a ConfigMap helps nobody. */
const shown = 60;

/** `1 → 2`, `known after deployment → "x"`, `added "x"`; secrets are withheld. */
export function differenceText({ change, before, after }: PathChange): string {
  const [left, right] = [before, after].map(valueText);
  if (change === "added") return `added ${cut(right ?? "")}`;
  if (change === "removed") return `removed ${cut(left ?? "")}`;
  if (left === right) {
    if (isSecret(after)) return "secret → another secret";
    const isOfSame = JSON.stringify(before) === JSON.stringify(after);
    return `${cut(left ?? "")}, ${isOfSame ? "of a resource that is replaced" : "from another resource"}`;
  }
  const start = common(left ?? "", right ?? "");
  return `${cut(left ?? "", start)} → ${cut(right ?? "", start)}${change === "reordered" ? " (order)" : ""}`;
}

/** `input` paths as they are, others with what they belong to. */
export function pathText({ of, path }: PathChange): string {
  return clean(of === "input" ? path : `${of} ${path}`);
}

/** What is to be said of a path beside its values. */
export function noteOf({ certain, replaces }: PathChange): string {
  if (replaces) return certain ? "replaces" : "may replace";
  return certain ? "" : "may change";
}

/** Actions in the order in which a reader wants them: what can hurt first. */
export const actions: readonly { readonly action: Action; readonly sign: string; readonly words: string }[] = [
  { action: "remove", sign: "-", words: "removed" },
  { action: "replace", sign: "±", words: "replaced" },
  { action: "change", sign: "~", words: "changed" },
  { action: "rename", sign: "=", words: "renamed" },
  { action: "add", sign: "+", words: "added" },
];

export function changesOf({ changes }: GraphDiff, action: Action): readonly ResourceChange[] {
  return changes.filter((change) => change.action === action);
}

/** `Deployment ml/new, was Deployment ml/old`. */
export function titleOf({ title, formerTitle }: ResourceChange): string {
  return formerTitle === undefined ? title : `${title}, was ${formerTitle}`;
}

/** `examples/shop/index.ts:7:1`: where the user opens it. */
export function placeText({ source }: ResourceChange, folder: string): string {
  return clean(placeOf(source && { ...source, file: posix.join(folder, source.file) }) ?? "");
}

/** `1 removed, 2 changed; 30 unchanged; 1 at risk of data loss`. */
export function summaryText({ summary, risks }: GraphDiff): string {
  const counts = actions.flatMap(({ action, words }) => (summary[action] > 0 ? [`${summary[action]} ${words}`] : []));
  return [
    counts.length > 0 ? counts.join(", ") : "No difference",
    `${summary.unchanged} unchanged`,
    risks.length > 0 ? `${plural(risks.length, "risk")} of data loss` : "no risk of data loss found",
    ...(summary.uncomparedSecrets > 0
      ? [`${plural(summary.uncomparedSecrets, "secret")} withheld and not compared`]
      : []),
  ].join("; ");
}

function valueText(value: Value | undefined): string {
  if (value === undefined) return "";
  if (isSecret(value)) return "secret";
  if (unknownPlace(value) !== undefined) return "known after deployment";
  return clean(
    JSON.stringify(value, (_, inside: Value) => {
      if (isSecret(inside)) return "secret";
      return unknownPlace(inside) === undefined ? inside : "known after deployment";
    }),
  );
}

/** Where two texts begin to differ, a little before it. */
function common(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return Math.max(0, at - 20);
}

function cut(text: string, from = 0): string {
  if (text.length <= shown) return text;
  const start = Math.min(from, text.length - shown);
  return `${start > 0 ? "…" : ""}${text.slice(start, start + shown)}${start + shown < text.length ? "…" : ""}`;
}
