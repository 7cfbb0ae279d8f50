import { compareText } from "../assemble.js";
import { isDefaultProvider, nodesByUrn, resources, splitPlace, title } from "../describe.js";
import type { ResourceGraph, ResourceNode, Value } from "../model.js";
import { matchNodes, type Pair } from "./match.js";
import type { Action, DiffSecrets, GraphDiff, PathChange, ResourceChange } from "./model.js";
import { isWithin, pathText, pattern } from "./paths.js";
import { isAmong, replacingInputs } from "./replacement.js";
import { type Judged, risksOf } from "./risks.js";
import { type Comparing, diffValues, type ValueChange } from "./values.js";

export type * from "./model.js";

/**
 * What a deployment of the head changes in what the base declares: resources that come, go, change in place, are
 * replaced or only renamed, and the data that may be lost. Pure; the order of the nodes makes no difference.
 *
 * What the provider and the cluster would say is not asked: a replacement is known from tables (`replacement.ts`) and
 * from the option `replaceOnChanges`. Inputs under `ignoreChanges` and names that Pulumi makes up are not compared.
 */
export function diffGraphs(base: ResourceGraph, head: ResourceGraph, secrets: DiffSecrets = {}): GraphDiff {
  const pairs = matchNodes(base, head).filter((pair) => !isMadeByEngine(pair));
  const uncompared = new Set<string>();
  const comparing: Comparing = {
    renamed: renaming(base, pairs),
    isMadeAnew: () => false,
    sameSecret: (left, right) => {
      const [before, after] = [secrets.base, secrets.head];
      if (before?.has(left) && after?.has(right)) return sameText(before.get(left), after.get(right));
      uncompared.add(right);
      return undefined;
    },
  };
  const judged = judgePairs(pairs, comparing, {
    nodes: nodesByUrn(head),
    isSameOrigin: base.origin === head.origin,
    isApplied: head.origin === "manifests",
  });
  const changes = judged.flatMap(({ change }) => change ?? []).sort((a, b) => compareText(a.urn, b.urn));
  const risks = risksOf(judged);
  const counts = (action: Action) => changes.filter((change) => change.action === action).length;
  return {
    version: 1,
    base: sideOf(base),
    head: sideOf(head),
    changes,
    risks,
    summary: {
      add: counts("add"),
      remove: counts("remove"),
      replace: counts("replace"),
      change: counts("change"),
      rename: counts("rename"),
      unchanged: pairs.length - changes.length,
      risks: risks.length,
      uncomparedSecrets: uncompared.size,
    },
  };
}

/** What nobody wrote: default providers, and the stack where the other side has none. */
function isMadeByEngine({ base, head }: Pair): boolean {
  if ([base, head].some((node) => node && isDefaultProvider(node))) return true;
  return (base ?? head)?.kind === "stack" && (base === undefined || head === undefined);
}

function sideOf(graph: ResourceGraph): GraphDiff["base"] {
  return { project: graph.project, stack: graph.stack, resources: resources(graph).length };
}

/** The place in the head for a place (`<urn>.<path>`) or URN of the base. */
function renaming(base: ResourceGraph, pairs: readonly Pair[]): Comparing["renamed"] {
  const now = new Map(
    pairs.flatMap(({ base, head }) => (base && head && base.urn !== head.urn ? [[base.urn, head.urn] as const] : [])),
  );
  if (now.size === 0) return (place) => place;
  const byUrn = nodesByUrn(base);
  return (place) => {
    const at = splitPlace(place, byUrn);
    if (at === undefined) return place;
    const urn = now.get(at.urn) ?? at.urn;
    return at.path === "" ? urn : `${urn}.${at.path}`;
  };
}

function sameText(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

interface Around {
  /** Of the head, by URN. */
  readonly nodes: ReadonlyMap<string, ResourceNode>;
  readonly isSameOrigin: boolean;
  /** Manifests are applied as they are, by nobody who would replace an object. */
  readonly isApplied: boolean;
}

/** Until no more are replaced: what takes a value from a resource that is replaced gets another one, and may be next. */
function judgePairs(
  pairs: readonly Pair[],
  comparing: Comparing,
  around: Around,
  replaced: ReadonlySet<string> = new Set(),
): Judged[] {
  const isMadeAnew = (place: string) => replaced.size > 0 && replaced.has(splitPlace(place, around.nodes)?.urn ?? "");
  const judged = pairs.map((pair): Judged => {
    const change = changeOf(pair, { ...comparing, isMadeAnew }, around);
    return { ...pair, ...(change && { change }) };
  });
  const now = new Set(judged.flatMap(({ change }) => (change?.action === "replace" ? [change.urn] : [])));
  return now.size > replaced.size ? judgePairs(pairs, comparing, around, now) : judged;
}

function changeOf({ base, head }: Pair, comparing: Comparing, around: Around): ResourceChange | undefined {
  if (base === undefined || head === undefined) {
    const node = head ?? base;
    return node && { action: head ? "add" : "remove", ...told(node), certain: true, paths: [], ...sourceOf(head) };
  }
  const paths = pathsOf(base, head, comparing, around);
  const isRenamed = head.kind !== "stack" && nameIn(base.urn) !== nameIn(head.urn);
  if (paths.length === 0 && !isRenamed) return undefined;
  const replacing = paths.filter(({ replaces }) => replaces);
  return {
    action: replacing.length > 0 ? "replace" : paths.length > 0 ? "change" : "rename",
    ...told(head),
    ...(base.urn !== head.urn && { formerUrn: base.urn }),
    ...(title(base) !== title(head) && { formerTitle: title(base) }),
    certain: replacing.length === 0 || replacing.some(({ certain }) => certain),
    paths,
    ...sourceOf(head),
  };
}

function told(node: ResourceNode): Pick<ResourceChange, "urn" | "type" | "title" | "kind"> {
  return { urn: node.urn, type: node.type, title: title(node), kind: node.kind };
}

function sourceOf(node: ResourceNode | undefined): Pick<ResourceChange, "source"> {
  return node?.source === undefined ? {} : { source: node.source };
}

/** A URN without its stack and project. */
function nameIn(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

function pathsOf(base: ResourceNode, head: ResourceNode, comparing: Comparing, around: Around): PathChange[] {
  // The stack's own name and its inputs say nothing of what is deployed.
  const inputs = head.kind === "stack" ? [] : inputChanges(base, head, comparing, around);
  return [
    ...inputs,
    ...optionChanges(base, head, comparing),
    ...diffValues(base.outputs ?? {}, head.outputs ?? {}, comparing).map((found) => pathChange("output", found, false)),
  ].sort((a, b) => compareText(a.of, b.of) || compareText(a.path, b.path) || compareText(a.change, b.change));
}

function inputChanges(base: ResourceNode, head: ResourceNode, comparing: Comparing, around: Around): PathChange[] {
  const forced = head.kind === "custom" ? replacingInputs(head, providerOf(head, around)) : [];
  const replacing = [...forced, ...(head.options.replaceOnChanges ?? [])];
  const skipped = [...(head.options.ignoreChanges ?? []), ...madeUp(base, head, around)].map(pattern);
  return diffValues(base.inputs, head.inputs, comparing)
    .filter(({ segments }) => !skipped.some((parts) => isWithin(segments, parts)))
    .map((found) => {
      const replaces = head.kind === "custom" && isAmong(replacing, found.segments, [found.before, found.after]);
      return pathChange("input", found, replaces);
    });
}

function providerOf(node: ResourceNode, { nodes, isApplied }: Around): ResourceNode | "kubectl" | undefined {
  return isApplied ? "kubectl" : nodes.get(node.provider ?? "");
}

/** Names that Pulumi makes up stay as they are when a resource is updated; what the state holds is such a name too. */
function madeUp(base: ResourceNode, head: ResourceNode, { isSameOrigin }: Around): readonly string[] {
  return (head.generated ?? []).filter((path) => !isSameOrigin || base.generated?.includes(path));
}

/** Options that change what a deployment does, and that every reader of graphs has. */
const comparedOptions = ["deletedWith", "ignoreChanges", "protect", "replaceOnChanges", "retainOnDelete"] as const;

function optionChanges(base: ResourceNode, head: ResourceNode, comparing: Comparing): PathChange[] {
  const [before, after] = [base, head].map((node): { [name: string]: Value } => ({
    ...Object.fromEntries(
      comparedOptions.flatMap((name) => {
        const value = node.options[name];
        return value === undefined || value === false ? [] : [[name, value] as const];
      }),
    ),
    // Another version of the same default provider is no change of the resource.
    ...(node.provider !== undefined && !/::default(_[^:]*)?$/.test(node.provider) && { provider: node.provider }),
  }));
  const renamed = Object.fromEntries(
    Object.entries(before ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? comparing.renamed(value) : value,
    ]),
  );
  return diffValues(renamed, after, comparing).map((found) => pathChange("option", found, false));
}

function pathChange(of: PathChange["of"], { segments, ...found }: ValueChange, replaces: boolean): PathChange {
  return { of, path: pathText(segments), ...found, replaces };
}
