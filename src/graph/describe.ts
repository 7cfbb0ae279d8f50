import { kubernetesObject } from "./kubernetes.js";
import type { ResourceGraph, ResourceNode } from "./model.js";

/** Providers that the engine makes by itself: nobody wrote them and nobody reads about them. */
export function isDefaultProvider(node: ResourceNode): boolean {
  return node.kind === "provider" && /^default(_|$)/.test(node.name);
}

/** What a reader counts as a resource: everything but the stack and default providers. */
export function resources(graph: ResourceGraph): ResourceNode[] {
  return graph.nodes.filter((node) => node.kind !== "stack" && !isDefaultProvider(node));
}

/** `Deployment`, `aws:eks:NodeGroup`, `InferenceEndpoint`: the type as people say it. */
export function shortType(node: ResourceNode): string {
  const object = kubernetesObject(node);
  if (object) return object.kind;
  const [pkg = "", module = "", name = ""] = node.type.split(":");
  if (pkg === "pulumi" && module === "providers") return `provider ${name}`;
  if (pkg === "plinth" && module === "index") return name;
  // `eks/nodeGroup` repeats the name of the type; `index` says nothing.
  const folder = module.split("/")[0];
  return [pkg, folder === "index" ? "" : folder, name].filter((part) => part !== "").join(":");
}

/** The name people know it by: `namespace/name` of a Kubernetes object when known, else the Pulumi name. */
export function displayName(node: ResourceNode): string {
  const object = kubernetesObject(node);
  if (object?.name === undefined) return node.name;
  return object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`;
}

/** `Deployment fraud/fraud-endpoint`. */
export function title(node: ResourceNode): string {
  return clean(`${shortType(node)} ${displayName(node)}`);
}

/**
 * Splits `<urn>.<path>`. Names may hold dots, so the resources of the graph decide where the path starts; when none
 * fits, the first dot of the name does. Undefined when the text is not such a place.
 */
export function splitPlace(
  place: string,
  byUrn: ReadonlyMap<string, ResourceNode>,
): { readonly urn: string; readonly path: string } | undefined {
  if (byUrn.has(place)) return { urn: place, path: "" };
  for (let dot = place.lastIndexOf("."); dot > 0; dot = place.lastIndexOf(".", dot - 1)) {
    const urn = place.slice(0, dot);
    if (byUrn.has(urn)) return { urn, path: place.slice(dot + 1) };
  }
  if (!place.startsWith("urn:pulumi:")) return undefined;
  const dot = place.indexOf(".", place.lastIndexOf("::"));
  return dot === -1 ? { urn: place, path: "" } : { urn: place.slice(0, dot), path: place.slice(dot + 1) };
}

/** `aws:eks:NodeGroup serving.arn` for the place that makes a value. */
export function describePlace(place: string, byUrn: ReadonlyMap<string, ResourceNode>): string {
  const at = splitPlace(place, byUrn);
  if (!at) return clean(place);
  const node = byUrn.get(at.urn);
  const owner = node ? title(node) : clean(at.urn);
  return at.path === "" ? owner : `${owner}.${clean(at.path)}`;
}

export function nodesByUrn(graph: ResourceGraph): ReadonlyMap<string, ResourceNode> {
  return new Map(graph.nodes.map((node) => [node.urn, node]));
}

/** `31 resources: 12 Kubernetes, 14 AWS, 5 components`, as data; groups that have none are left out. */
export function countByGroup(graph: ResourceGraph): { readonly group: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const node of resources(graph)) counts.set(groupOf(node), (counts.get(groupOf(node)) ?? 0) + 1);
  const rank = (group: string) => (groupOrder.includes(group) ? groupOrder.indexOf(group) : groupOrder.indexOf("AWS"));
  return [...counts]
    .map(([group, count]) => ({ group, count }))
    .sort((a, b) => rank(a.group) - rank(b.group) || b.count - a.count || (a.group < b.group ? -1 : 1));
}

const groupOrder = ["Kubernetes", "AWS", "Google Cloud", "components", "providers", "existing"];

const packageNames: { readonly [pkg: string]: string } = {
  kubernetes: "Kubernetes",
  aws: "AWS",
  "aws-native": "AWS",
  gcp: "Google Cloud",
  "google-native": "Google Cloud",
  azure: "Azure",
  "azure-native": "Azure",
};

function groupOf(node: ResourceNode): string {
  if (node.kind === "component" || node.kind === "remote") return "components";
  if (node.kind === "provider") return "providers";
  if (node.kind === "read") return "existing";
  const pkg = node.type.split(":")[0] ?? "";
  return packageNames[pkg] ?? pkg;
}

/** Control characters shown, not sent: a name in a manifest must not be able to move the reader's cursor. */
export function clean(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
