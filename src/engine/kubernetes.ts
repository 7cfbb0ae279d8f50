import { createHash } from "node:crypto";
import { parse } from "yaml";
import { containsUnknown, isObject, isUnknown, secret, unwrapSecret, type Wire, type WireObject } from "./wire.js";

/** What the Kubernetes provider's Check makes of an object's inputs. Source: pulumi-kubernetes provider.go, naming.go. */
export interface Checked {
  readonly inputs: WireObject;
  /** Paths that were filled in. */
  readonly generated: readonly string[];
  readonly fault?: string;
}

const clusterKinds = new Set([
  "v1/Namespace",
  "v1/Node",
  "v1/PersistentVolume",
  "v1/ComponentStatus",
  "rbac.authorization.k8s.io/ClusterRole",
  "rbac.authorization.k8s.io/ClusterRoleBinding",
  "apiextensions.k8s.io/CustomResourceDefinition",
  "apiregistration.k8s.io/APIService",
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
  "admissionregistration.k8s.io/MutatingAdmissionPolicy",
  "admissionregistration.k8s.io/MutatingAdmissionPolicyBinding",
  "authentication.k8s.io/TokenReview",
  "authentication.k8s.io/SelfSubjectReview",
  "authorization.k8s.io/SelfSubjectAccessReview",
  "authorization.k8s.io/SelfSubjectRulesReview",
  "authorization.k8s.io/SubjectAccessReview",
  "certificates.k8s.io/CertificateSigningRequest",
  "certificates.k8s.io/ClusterTrustBundle",
  "flowcontrol.apiserver.k8s.io/FlowSchema",
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration",
  "internal.apiserver.k8s.io/StorageVersion",
  "networking.k8s.io/IngressClass",
  "networking.k8s.io/IPAddress",
  "networking.k8s.io/ServiceCIDR",
  "node.k8s.io/RuntimeClass",
  "resource.k8s.io/DeviceClass",
  "resource.k8s.io/ResourceSlice",
  "resource.k8s.io/DeviceTaintRule",
  "scheduling.k8s.io/PriorityClass",
  "storage.k8s.io/CSIDriver",
  "storage.k8s.io/CSINode",
  "storage.k8s.io/StorageClass",
  "storage.k8s.io/VolumeAttachment",
  "storage.k8s.io/VolumeAttributesClass",
  "storagemigration.k8s.io/StorageVersionMigration",
]);

/** Whether objects of this kind live in namespaces; kinds that Kubernetes does not know count as namespaced. */
export function isNamespaced(apiVersion: string, kind: string): boolean {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "v1";
  return !clusterKinds.has(`${group}/${kind.replace(/Patch$/, "")}`);
}

/** Resource types of the Kubernetes package that are objects of a cluster, not charts or files. */
export const isClusterObject = (type: string): boolean =>
  /^kubernetes:[^:]+:[^:]+$/.test(type) && !/^kubernetes:(helm\.sh|yaml|kustomize|index)/.test(type);

/** Namespace for objects that name none: the provider's, else the current context's of its kubeconfig, else `default`. */
export function defaultNamespace(provider: WireObject): string {
  const own = unwrapSecret(provider.namespace ?? null);
  if (typeof own === "string" && own !== "" && !isUnknown(own)) return own;
  const kubeconfig = unwrapSecret(provider.kubeconfig ?? null);
  return (typeof kubeconfig === "string" ? contextNamespace(kubeconfig) : undefined) ?? "default";
}

function contextNamespace(kubeconfig: string): string | undefined {
  try {
    const file = parse(kubeconfig) as {
      "current-context"?: string;
      contexts?: { name?: string; context?: { namespace?: string } }[];
    } | null;
    return file?.contexts?.find(({ name }) => name === file["current-context"])?.context?.namespace;
  } catch {
    // A path to a file, which a preview does not read.
    return undefined;
  }
}

/** @param placeholders texts that stand for encrypted configuration and must not be encoded. */
export function checkObject(
  urn: string,
  name: string,
  inputs: WireObject,
  provider: WireObject,
  placeholders: ReadonlyMap<string, string>,
): Checked {
  const { apiVersion, kind, metadata } = inputs;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return { inputs, generated: [] };
  if (isUnknown(metadata)) return { inputs, generated: [] };
  if (kind.endsWith("List") && Array.isArray(inputs.items)) {
    return {
      inputs,
      generated: [],
      fault: `${kind} exists for compatibility and cannot be created: declare its items one by one.`,
    };
  }
  const hidden = metadata !== undefined && metadata !== unwrapSecret(metadata);
  const given = unwrapSecret(metadata ?? null);
  const own: WireObject = isObject(given) ? given : {};
  const serverSide = String(unwrapSecret(provider.enableServerSideApply ?? null)) !== "false";
  if (serverSide && own.generateName !== undefined && own.name === undefined) {
    return {
      inputs,
      generated: [],
      fault:
        "metadata.generateName does not work with server-side apply, the default: give metadata.name, or leave both out.",
    };
  }
  const generated: string[] = [];
  const filled: Record<string, Wire> = { ...own };
  if (own.name === undefined && own.generateName === undefined) {
    if (kind.endsWith("Patch"))
      return { inputs, generated: [], fault: "metadata.name is required: it names the object to patch." };
    filled.name = `${name}-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
    const annotations = isObject(own.annotations) ? own.annotations : {};
    filled.annotations = { ...annotations, "pulumi.com/autonamed": "true" };
    generated.push("metadata.name", 'metadata.annotations["pulumi.com/autonamed"]');
  }
  if (
    isNamespaced(apiVersion, kind) &&
    (own.namespace === undefined || own.namespace === null || own.namespace === "")
  ) {
    filled.namespace = defaultNamespace(provider);
    generated.push("metadata.namespace");
  }
  const checked: WireObject = generated.length > 0 ? { ...inputs, metadata: hidden ? secret(filled) : filled } : inputs;
  const isSecretKind = apiVersion === "v1" && kind === "Secret";
  return { inputs: isSecretKind ? mergeStringData(checked, placeholders) : checked, generated: generated.sort() };
}

/** A Secret's `stringData` becomes base64 in `data`, unless a part of either is unknown. */
function mergeStringData(inputs: WireObject, placeholders: ReadonlyMap<string, string>): WireObject {
  const { stringData, data = {}, ...rest } = inputs;
  const text = unwrapSecret(stringData ?? null);
  const encoded = unwrapSecret(data);
  if (!isObject(text) || !isObject(encoded) || containsUnknown(text) || containsUnknown(encoded)) return inputs;
  const marks = [...placeholders.values()];
  const merged = Object.entries(text).map(([key, value]) => {
    const plain = String(unwrapSecret(value) ?? "");
    // The placeholder stays readable, so that the graph can still say what is missing.
    return [key, marks.some((mark) => plain.includes(mark)) ? plain : Buffer.from(plain).toString("base64")] as const;
  });
  return { ...rest, data: secret({ ...encoded, ...Object.fromEntries(merged) }) };
}
