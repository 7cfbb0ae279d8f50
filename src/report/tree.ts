import { clean, describePlace, nodesByUrn, resources, title } from "../graph/describe.js";
import type { Notice, ResourceGraph, ResourceNode, Value } from "../graph/model.js";
import { isSecret, unknownPlace } from "../graph/values.js";
import type { Findings } from "../policy/judge.js";
import { type Facts, factsOf, groupBy, placeOf, plural, unknownsIn } from "./facts.js";
import { type Color, columns, paint, type TextStyle, wrap } from "./text.js";

/** How many users of one value are listed before the rest is only counted. */
const listed = 8;

/** What `plinth preview` prints: the tree of resources, then what a reviewer has to know about it. */
export function treeReport(graph: ResourceGraph, findings: Findings, style: TextStyle): string {
  const facts = factsOf(graph, findings);
  return `${[
    treeLines(graph, style),
    [paint(style, "bold", facts.summary), ...incomplete(facts, style)],
    outputLines(graph, style),
    unknownLines(facts, style),
    invokeLines(facts, style),
    imageLines(facts, style),
    noticeLines(facts, style),
    facts.secrets === 0 ? [] : [`Secrets: ${plural(facts.secrets, "value")} withheld`],
  ]
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n"))
    .join("\n\n")}\n`;
}

interface Branches {
  readonly middle: string;
  readonly last: string;
  readonly down: string;
  readonly space: string;
}

const branches: { readonly [name in "unicode" | "ascii"]: Branches } = {
  unicode: { middle: "├─ ", last: "└─ ", down: "│  ", space: "   " },
  ascii: { middle: "|- ", last: "`- ", down: "|  ", space: "   " },
};

function treeLines(graph: ResourceGraph, style: TextStyle): string[] {
  const shown = resources(graph);
  const urns = new Set(shown.map((node) => node.urn));
  const children = groupBy(shown, (node) => (node.parent !== undefined && urns.has(node.parent) ? node.parent : ""));
  const drawing = style.unicode ? branches.unicode : branches.ascii;
  const below = (parent: string, indent: string): string[] => {
    const nodes = (children.get(parent) ?? []).sort(byPosition);
    return nodes.flatMap((node, index) => {
      const isLast = index === nodes.length - 1;
      const inside = below(node.urn, indent + (isLast ? drawing.space : drawing.down));
      const branch = indent + (isLast ? drawing.last : drawing.middle);
      return [nodeLine(node, inside.length, branch, style), ...inside];
    });
  };
  const heading =
    graph.origin === "manifests" ? `${graph.project} (Kubernetes manifests)` : `${graph.project}, stack ${graph.stack}`;
  return [paint(style, "bold", clean(heading)), ...below("", "")];
}

/** The order a reader knows: of their program where known, else of the names. */
function byPosition(a: ResourceNode, b: ResourceNode): number {
  const [inA, inB] = [a.source, b.source];
  if (inA && inB && (inA.file !== inB.file || inA.line !== inB.line)) {
    return inA.file === inB.file ? inA.line - inB.line : inA.file < inB.file ? -1 : 1;
  }
  const [nameA, nameB] = [title(a), title(b)];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : 0;
}

function nodeLine(node: ResourceNode, inside: number, branch: string, style: TextStyle): string {
  const unknown = unknownsIn(node.inputs).length;
  const isGroup = node.kind === "component" && inside > 0;
  const remarks = [
    isGroup ? plural(inside, "resource") : "",
    node.kind === "read" ? "exists already" : "",
    node.opaque ? "contents not visible before deployment" : "",
    node.options.protect ? "protected" : "",
    node.options.importId === undefined ? "" : "imported",
    unknown > 0 && !isGroup ? `${unknown} unknown` : "",
  ].filter((remark) => remark !== "");
  const name = title(node);
  const plain = `${branch}${name}${remarks.length > 0 ? `  (${remarks.join(", ")})` : ""}`;
  const place = placeOf(node.source && { file: node.source.file, line: node.source.line });
  // The line of the program stands at the right edge; children of a component repeat its line, so only tops have it.
  const atTop = /^(├─ |└─ |\|- |`- )$/.test(branch) && place !== undefined;
  const gap = columns - plain.length - (place?.length ?? 0);
  return [
    paint(style, "dim", branch),
    node.kind === "component" ? paint(style, "bold", name) : name,
    remarks.length > 0 ? paint(style, "dim", `  (${remarks.join(", ")})`) : "",
    atTop && gap >= 2 ? " ".repeat(gap) + paint(style, "dim", clean(place)) : "",
  ].join("");
}

function incomplete(facts: Facts, style: TextStyle): string[] {
  return facts.complete
    ? []
    : [paint(style, "red", "Incomplete: not everything could be read or run. See the errors below.")];
}

function outputLines(graph: ResourceGraph, style: TextStyle): string[] {
  const byUrn = nodesByUrn(graph);
  const outputs = graph.nodes.flatMap((node) => (node.kind === "stack" ? Object.entries(node.outputs ?? {}) : []));
  if (outputs.length === 0) return [];
  const shown = ([name, value]: readonly [string, Value]): string[] => {
    const place = unknownPlace(value);
    const text = isSecret(value)
      ? "withheld"
      : place === undefined
        ? JSON.stringify(value)
        : `known after deployment (${describePlace(place, byUrn)})`;
    return wrap(clean(text), `  ${clean(name)}: `, "    ");
  };
  return [heading(style, "Outputs"), ...outputs.flatMap(shown)];
}

function unknownLines({ unknowns }: Facts, style: TextStyle): string[] {
  if (unknowns.length === 0) return [];
  const arrow = style.unicode ? "→" : "->";
  return [
    heading(style, "Known after deployment"),
    ...unknowns.flatMap(({ maker, values }) => [
      `  ${maker}`,
      ...values.flatMap(({ path, usedBy }) =>
        usedBy.slice(0, listed).flatMap((user, index) => {
          const label = path === "" ? "" : `${clean(path)} `;
          const start = index === 0 ? `    ${label}${arrow} ` : `    ${" ".repeat(label.length)}${arrow} `;
          const isLast = index === listed - 1 && usedBy.length > listed;
          return [
            ...wrap(user, start, `${" ".repeat(start.length)}  `),
            ...(isLast ? [`      and ${usedBy.length - listed} more`] : []),
          ];
        }),
      ),
    ]),
  ];
}

function invokeLines({ unanswered }: Facts, style: TextStyle): string[] {
  if (unanswered.length === 0) return [];
  return [
    heading(style, "Questions to the cloud without an answer (plinth.invokes.json can answer them)"),
    ...unanswered.map(({ token, source }) => `  ${clean(token)}${source ? `  ${clean(placeOf(source) ?? "")}` : ""}`),
  ];
}

function imageLines({ images }: Facts, style: TextStyle): string[] {
  if (images.length === 0) return [];
  return [
    heading(style, "Images that are not pinned by digest (IMG001)"),
    ...images.flatMap(({ message, usedBy }) => [
      ...wrap(clean(message), "  ", "    "),
      ...usedBy.slice(0, listed).flatMap((user) => wrap(user, "    ", "      ")),
      ...(usedBy.length > listed ? [`    and ${usedBy.length - listed} more`] : []),
    ]),
  ];
}

const noticeColor: { readonly [severity in Notice["severity"]]: Color } = {
  error: "red",
  warning: "yellow",
  info: "cyan",
};

function noticeLines({ notices }: Facts, style: TextStyle): string[] {
  if (notices.length === 0) return [];
  const order = ["error", "warning", "info"];
  const sorted = [...notices].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return [
    heading(style, "Notices"),
    ...sorted.flatMap((notice) => {
      const place = placeOf(notice.source);
      const margin = " ".repeat("  warning  ".length);
      const [first = "", ...rest] = wrap(clean(`${place ? `${place}: ` : ""}${notice.message}`), margin, margin);
      const label = paint(style, noticeColor[notice.severity], notice.severity.padEnd("warning".length));
      return [`  ${label}  ${first.slice(margin.length)}`, ...rest];
    }),
  ];
}

function heading(style: TextStyle, text: string): string {
  return paint(style, "bold", text);
}
