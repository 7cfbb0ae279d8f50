import type { Edge, InvokeRecord, Notice, Properties, ResourceGraph, ResourceNode, SourcePosition } from "./model.js";

/** What a reader has found. The order of the arrays and of the keys does not matter; edges are derived. */
export interface GraphParts {
  readonly origin: ResourceGraph["origin"];
  readonly project: string;
  readonly stack: string;
  readonly organization?: string;
  /** @default true */
  readonly complete?: boolean;
  readonly nodes: readonly ResourceNode[];
  readonly invokes?: readonly InvokeRecord[];
  readonly notices?: readonly Notice[];
}

/** Makes the one graph that these parts describe: any order of the same parts gives byte-identical JSON. */
export function assembleGraph(parts: GraphParts): ResourceGraph {
  const nodes = parts.nodes.map(inOrder).sort((a, b) => compareText(a.urn, b.urn));
  return {
    version: 1,
    origin: parts.origin,
    project: parts.project,
    stack: parts.stack,
    ...(parts.organization !== undefined && { organization: parts.organization }),
    complete: parts.complete ?? true,
    nodes,
    edges: edgesOf(nodes),
    invokes: sortedBy((parts.invokes ?? []).map(sortKeys), (invoke) => [
      invoke.token,
      JSON.stringify(invoke.args),
      invoke.answer,
      placeOf(invoke.source),
    ]),
    notices: sortedBy((parts.notices ?? []).map(sortKeys), (notice) => [
      notice.urn ?? "",
      notice.code,
      notice.message,
      notice.severity,
      placeOf(notice.source),
    ]),
  };
}

/** The edges between these nodes, sorted. What a node names that is not among them gives no edge. */
export function edgesOf(nodes: readonly ResourceNode[]): Edge[] {
  const known = new Set(nodes.map((node) => node.urn));
  const edges = nodes.flatMap((node): Edge[] => [
    ...(node.parent === undefined ? [] : [{ from: node.urn, to: node.parent, kind: "parent" as const }]),
    ...(node.provider === undefined ? [] : [{ from: node.urn, to: node.provider, kind: "provider" as const }]),
    ...[...new Set(node.dependencies)].map((to) => ({ from: node.urn, to, kind: "dependency" as const })),
  ]);
  return sortedBy(
    edges.filter((edge) => known.has(edge.to)),
    (edge) => [edge.from, edge.kind, edge.to],
  );
}

/** Compares by UTF-16 code units: the same on every machine, unlike `localeCompare`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same plain value with object keys sorted by name at every depth and `undefined` fields left out. Arrays keep their order. */
export function sortKeys<T>(value: T): T {
  return sorted(value) as T;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, field]) => [key, sorted(field)]),
  );
}

/** The node with its own fields in the order of the model, what is a set sorted, and everything inside sorted by key. */
function inOrder(node: ResourceNode): ResourceNode {
  const { urn, type, name, kind, parent, provider, inputs, outputs, options, source, generated, opaque } = node;
  return {
    urn,
    type,
    name,
    kind,
    ...(parent !== undefined && { parent }),
    ...(provider !== undefined && { provider }),
    inputs: sortKeys<Properties>(inputs),
    ...(outputs !== undefined && { outputs: sortKeys<Properties>(outputs) }),
    options: sortKeys(options),
    dependencies: asSet(node.dependencies),
    propertyDependencies: Object.fromEntries(
      Object.entries(node.propertyDependencies)
        .filter(([, urns]) => urns.length > 0)
        .sort(([a], [b]) => compareText(a, b))
        .map(([property, urns]) => [property, asSet(urns)]),
    ),
    ...(source !== undefined && { source }),
    ...(generated !== undefined && generated.length > 0 && { generated: asSet(generated) }),
    ...(opaque && { opaque }),
  };
}

function asSet(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort(compareText);
}

function placeOf(source: SourcePosition | undefined): string {
  return source === undefined ? "" : `${source.file}:${source.line}:${source.column ?? 0}`;
}

/** Sorts by keys computed once per item. */
function sortedBy<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): T[] {
  return items
    .map((item) => ({ item, keys: keysOf(item) }))
    .sort((a, b) => {
      const at = a.keys.findIndex((key, index) => key !== b.keys[index]);
      return at === -1 ? 0 : compareText(a.keys[at]!, b.keys[at]!);
    })
    .map(({ item }) => item);
}
