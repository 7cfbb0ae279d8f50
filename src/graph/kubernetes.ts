import type { ResourceNode, Value } from "./model.js";

/** What identifies an object in a cluster. Name and namespace are absent when not known before deployment. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** The Kubernetes object that this node declares; undefined for charts, patches, providers and everything else. */
export function kubernetesObject(node: ResourceNode): KubernetesObject | undefined {
  if (node.kind !== "custom" && node.kind !== "read") return undefined;
  const [pkg, module = "", token = ""] = node.type.split(":");
  // A Helm release has no object of its own; a Patch is a part of an object that someone else declares.
  if (pkg !== "kubernetes" || module.startsWith("helm.sh/") || isPatch(node)) return undefined;
  const { apiVersion = module.replace(/^core\//, ""), kind = token, metadata } = node.inputs;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const { namespace, name } = isRecord(metadata) ? metadata : {};
  return {
    apiVersion,
    kind,
    ...(typeof namespace === "string" && { namespace }),
    ...(typeof name === "string" && { name }),
  };
}

/** True for `DeploymentPatch` and its like: fields of an object that someone else declares. */
export function isPatch(node: ResourceNode): boolean {
  const token = node.type.split(":")[2] ?? "";
  return node.type.startsWith("kubernetes:") && token.endsWith("Patch") && token !== node.inputs.kind;
}

/** The Pulumi type of a Kubernetes object: `kubernetes:apps/v1:Deployment`, `kubernetes:core/v1:Pod`. */
export function kubernetesType(apiVersion: string, kind: string): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

function isRecord(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
