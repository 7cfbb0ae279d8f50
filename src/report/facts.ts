import {
  clean,
  countByGroup,
  describePlace,
  displayName,
  isDefaultProvider,
  nodesByUrn,
  resources,
  shortType,
  splitPlace,
  title,
} from "../graph/describe.js";
import type { InvokeRecord, Notice, Properties, ResourceGraph, ResourceNode, SourcePosition } from "../graph/model.js";
import { isSecret, leaves, unknownPlace } from "../graph/values.js";
import type { Findings } from "../policy/judge.js";

/** What a preview tells beside the resources themselves: the same facts in every format. */
export interface Facts {
  /** `31 resources: 12 Kubernetes, 14 AWS, 5 components`. */
  readonly summary: string;
  readonly complete: boolean;
  /** By the resource that makes the value. */
  readonly unknowns: readonly UnknownGroup[];
  readonly unanswered: readonly InvokeRecord[];
  readonly images: readonly ImageFact[];
  readonly notices: readonly Notice[];
  /** How many values are withheld. */
  readonly secrets: number;
}

export interface UnknownGroup {
  /** `aws:eks:NodeGroup serving`. */
  readonly maker: string;
  readonly values: readonly { readonly path: string; readonly usedBy: readonly string[] }[];
}

export interface ImageFact {
  /** `nginx:1 has no sha256 digest`. */
  readonly message: string;
  /** `Deployment fraud/fraud spec.template.spec.containers[0].image`. */
  readonly usedBy: readonly string[];
}

export function factsOf(graph: ResourceGraph, findings: Findings): Facts {
  return {
    summary: summaryOf(graph),
    complete: graph.complete,
    unknowns: unknownsOf(graph),
    unanswered: graph.invokes.filter((invoke) => invoke.answer === "unknown"),
    images: imagesOf(graph, findings),
    // An unanswered invoke has its own section; saying it twice helps nobody.
    notices: namedNotices(graph).filter((notice) => notice.code !== "unanswered-invoke"),
    secrets: secretsOf(graph),
  };
}

/** The notices of the graph; one that says nothing of where it belongs begins with its resource. */
export function namedNotices(graph: ResourceGraph): Notice[] {
  const byUrn = nodesByUrn(graph);
  return graph.notices.map((notice) => {
    const owner = notice.source === undefined && notice.urn !== undefined ? byUrn.get(notice.urn) : undefined;
    return owner && owner.kind !== "stack" ? { ...notice, message: `${title(owner)}: ${notice.message}` } : notice;
  });
}

function summaryOf(graph: ResourceGraph): string {
  const groups = countByGroup(graph).map(({ group, count }) => `${count} ${count === 1 ? singular(group) : group}`);
  return `${plural(resources(graph).length, "resource")}${groups.length > 0 ? `: ${groups.join(", ")}` : ""}`;
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** `index.ts:31`. */
export function placeOf(source: SourcePosition | undefined): string | undefined {
  return source && `${source.file}:${source.line}${source.column === undefined ? "" : `:${source.column}`}`;
}

/** Paths of the values that are unknown with the place that makes each, in the order of the values. */
export function unknownsIn(values: Properties): { readonly path: string; readonly place: string }[] {
  return [...leaves(values)].flatMap(({ path, value }) => {
    const place = unknownPlace(value);
    return place === undefined ? [] : [{ path, place }];
  });
}

/** The items by key, keys and items in the order they came. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function singular(group: string): string {
  return group === "components" || group === "providers" ? group.slice(0, -1) : group;
}

function unknownsOf(graph: ResourceGraph): UnknownGroup[] {
  const byUrn = nodesByUrn(graph);
  const uses = graph.nodes.flatMap((node) =>
    usesOf(node).map((use) => {
      const made = splitPlace(use.place, byUrn);
      return { ...use, maker: describePlace(made?.urn ?? use.place, byUrn), path: made?.path ?? "" };
    }),
  );
  return [...groupBy(uses, (use) => use.maker)].map(([maker, ofMaker]) => ({
    maker,
    values: [...groupBy(ofMaker, (use) => use.path)].map(([path, users]) => ({
      path,
      usedBy: gathered(users),
    })),
  }));
}

interface Use {
  readonly place: string;
  /** What uses the value: a short type, a name and where in its inputs. */
  readonly kind: string;
  readonly name: string;
  readonly at: string;
}

/** Unknown values that reach a resource, a provider or an output of the stack; components only pass them on. */
function usesOf(node: ResourceNode): Use[] {
  if (node.kind === "stack") {
    const outputs = unknownsIn(node.outputs ?? {});
    return outputs.map(({ path, place }) => ({ place, kind: "stack output", name: "", at: clean(path) }));
  }
  if (node.kind === "component" || node.kind === "remote" || isDefaultProvider(node)) return [];
  const [kind, name] = [clean(shortType(node)), clean(displayName(node))];
  return unknownsIn(node.inputs).map(({ path, place }) => ({ place, kind, name, at: clean(path) }));
}

/** One line for each use; many resources of one type that use it at the same place are one line. */
function gathered(uses: readonly Use[]): string[] {
  return [...groupBy(uses, ({ kind, at }) => `${kind} ${at}`).values()].flatMap((same) => {
    const [{ kind, at } = { kind: "", at: "" }] = same;
    if (same.length > 2) return [`${same.length} ${kind} ${at}`];
    return same.map(({ name }) => [kind, name, at].filter((word) => word !== "").join(" "));
  });
}

function imagesOf(graph: ResourceGraph, { findings }: Findings): ImageFact[] {
  const byUrn = nodesByUrn(graph);
  const unpinned = findings.filter(({ rule, verdict }) => rule === "IMG001" && verdict === "violation");
  return [...groupBy(unpinned, (finding) => finding.message)].map(([message, found]) => ({
    message,
    usedBy: found.map(({ resource, path }) => {
      const node = byUrn.get(resource.urn);
      return `${node ? title(node) : clean(resource.name)} ${path}`;
    }),
  }));
}

/** Values that are secret anywhere in what the resources are given; components repeat their children's, so they do not count. */
function secretsOf(graph: ResourceGraph): number {
  return graph.nodes
    .filter((node) => node.kind === "custom" || node.kind === "provider")
    .flatMap((node) => [...leaves(node.inputs)])
    .filter(({ value }) => isSecret(value)).length;
}
