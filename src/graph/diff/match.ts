import { compareText } from "../assemble.js";
import type { ResourceGraph, ResourceNode, Value } from "../model.js";
import { isPlainObject } from "../values.js";

/** The same resource on both sides; one of them is absent for what is added or removed. */
export interface Pair {
  readonly base?: ResourceNode;
  readonly head?: ResourceNode;
}

/**
 * Which node of the base goes on as which node of the head: the one with the same name, else the one that an alias names.
 * Project and stack make no difference, so that two stacks can be compared; for manifests neither does the version of the
 * API, since `apps/v1beta1` and `apps/v1` name one object.
 */
export function matchNodes(base: ResourceGraph, head: ResourceGraph): Pair[] {
  const left = new Map(base.nodes.map((node) => [nodeKey(node), node]));
  const exact = head.nodes.map((node) => pairWith(node, nodeKey(node), left));
  const isManifests = base.origin === "manifests" && head.origin === "manifests";
  const versions = new Map(isManifests ? [...left.keys()].map((key) => [withoutVersion(key), key]) : []);
  /** Keys in the base of what was renamed, by the URN in the head: children of a renamed component are renamed with it. */
  const former = new Map<string, string>();
  const others = parentsFirst(exact.flatMap(({ base, head }) => (base || !head ? [] : head))).map((node) => {
    const keys = [versions.get(withoutVersion(nodeKey(node))) ?? [], aliasKeys(node, former)].flat();
    const key = keys.find((each) => left.has(each));
    if (key !== undefined) former.set(node.urn, key);
    return pairWith(node, key, left);
  });
  return [...exact.filter(({ base }) => base), ...others, ...[...left.values()].map((node) => ({ base: node }))];
}

/** The node with what is known by the key, which is taken: nothing goes on as two. */
function pairWith(head: ResourceNode, key: string | undefined, left: Map<string, ResourceNode>): Pair {
  const base = key === undefined ? undefined : left.get(key);
  if (key === undefined || base === undefined) return { head };
  left.delete(key);
  return { base, head };
}

const stackType = "pulumi:pulumi:Stack";

/** `TYPE-OF-PARENT$TYPE::NAME`; every graph has one stack. */
function nodeKey(node: ResourceNode): string {
  return node.type === stackType ? stackType : urnKey(node.urn);
}

function withoutVersion(key: string): string {
  return key.replace(/^kubernetes:((?:[^:/]+\/)?)[^:/]+:/, "kubernetes:$1*:");
}

/** A URN without its stack and project; a name may hold "::" itself. */
function urnKey(urn: string): string {
  return urn.split("::").slice(2).join("::");
}

/**
 * The names under which the base may know a node, in the engine's order: its own aliases, then what the renaming of its
 * parent makes of its name. Source: pulumi 3.248.0, pkg/resource/deploy/step_generator.go, generateAliases.
 */
function aliasKeys(node: ResourceNode, former: ReadonlyMap<string, string>): string[] {
  const own = (node.options.aliases ?? []).flatMap((alias) => aliasKey(node, alias, former));
  const parent = node.parent === undefined ? undefined : former.get(node.parent);
  if (parent === undefined || node.parent === undefined) return own;
  const parentName = nameOf(urnKey(node.parent));
  const inherited = [urnKey(node.urn), ...own].map((key) => {
    const name = nameOf(key);
    // The engine takes it for the custom of naming children `<parent>-<what>`.
    const renamed = name.startsWith(parentName) ? nameOf(parent) + name.slice(parentName.length) : name;
    return `${typeOf(parent)}$${lastType(key)}::${renamed}`;
  });
  return [...own, ...inherited];
}

function aliasKey(node: ResourceNode, alias: Value, former: ReadonlyMap<string, string>): string[] {
  if (typeof alias === "string") return [urnKey(alias)];
  if (!isPlainObject(alias)) return [];
  const { name = node.name, type = node.type, parent = node.parent, noParent } = alias;
  if (typeof name !== "string" || typeof type !== "string") return [];
  const parentKey = typeof parent === "string" && noParent !== true ? (former.get(parent) ?? urnKey(parent)) : "";
  const isTop = parentKey === "" || lastType(parentKey) === stackType;
  return [`${isTop ? "" : `${typeOf(parentKey)}$`}${type}::${name}`];
}

function typeOf(key: string): string {
  return key.split("::")[0] ?? "";
}

function lastType(key: string): string {
  return typeOf(key).split("$").at(-1) ?? "";
}

function nameOf(key: string): string {
  return key.split("::").slice(1).join("::");
}

/** A type lists those of all parents, so a parent has the shorter one. */
function parentsFirst(nodes: readonly ResourceNode[]): ResourceNode[] {
  const depth = (node: ResourceNode) => typeOf(urnKey(node.urn)).split("$").length;
  return [...nodes].sort((a, b) => depth(a) - depth(b) || compareText(a.urn, b.urn));
}
