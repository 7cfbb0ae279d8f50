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

const AUTONAMED = "pulumi.com/autonamed";
const MANAGED_BY = "app.kubernetes.io/managed-by";

/** @param placeholders texts that stand for encrypted configuration and must not be encoded. */
export function checkObject(
  urn: string,
  name: string,
  given: WireObject,
  provider: WireObject,
  placeholders: ReadonlyMap<string, string>,
): Checked {
  const { apiVersion, kind, metadata } = given;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return { inputs: given, generated: [] };
  const inputs = asSent(given) as WireObject;
  const whole = unwrapSecret(metadata ?? null);
  const sent = asSent(isObject(whole) ? whole : {}) as WireObject;
  const own = writable(sent);
  const serverSide = String(unwrapSecret(provider.enableServerSideApply ?? null)) !== "false";
  const isPatch = urn.includes(`:${kind}Patch::`);
  const fault = isUnknown(metadata) ? undefined : faultOf(kind, inputs, own, serverSide, isPatch);
  if (fault !== undefined) return { inputs, generated: [], fault };
  const filled = isUnknown(metadata)
    ? { metadata: own, generated: [] }
    : fillMetadata(own, {
        urn,
        name,
        serverSide,
        namespace: isNamespaced(apiVersion, kind) && defaultNamespace(provider),
      });
  const hidden = metadata !== undefined && metadata !== whole;
  const checked =
    filled.metadata === sent ? inputs : { ...inputs, metadata: hidden ? secret(filled.metadata) : filled.metadata };
  const isSecretKind = apiVersion === "v1" && kind === "Secret";
  return {
    inputs: isSecretKind ? normalizeSecret(checked, placeholders) : checked,
    generated: filled.generated,
  };
}

/** The provider does not see properties that are null, and writes the schema extensions as Kubernetes does. */
function asSent(value: Wire): Wire {
  if (Array.isArray(value)) return value.map(asSent);
  if (!isObject(value)) return value;
  const present = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(present.map(([key, item]) => [extensionName(key), asSent(item)]));
}

const extensionName = (key: string): string => (key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key);

/** What only the API server writes. */
const READ_ONLY = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

function writable(metadata: WireObject): WireObject {
  if (!READ_ONLY.some((key) => key in metadata)) return metadata;
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !READ_ONLY.includes(key)));
}

const isMissing = (text: Wire | undefined): boolean => text === undefined || text === "";

function faultOf(
  kind: string,
  inputs: WireObject,
  metadata: WireObject,
  serverSide: boolean,
  isPatch: boolean,
): string | undefined {
  if (kind.endsWith("List") && Array.isArray(inputs.items)) {
    return `${kind} exists for compatibility and cannot be created: declare its items one by one.`;
  }
  if (isPatch && !serverSide) {
    return "patches need server-side apply: remove enableServerSideApply: false from the provider.";
  }
  if (isPatch && isMissing(metadata.name)) return "metadata.name is required: it names the object to patch.";
  if (serverSide && !isMissing(metadata.generateName) && isMissing(metadata.name)) {
    return "metadata.generateName does not work with server-side apply, the default: give metadata.name, or leave both out.";
  }
  return undefined;
}

interface Filling {
  readonly urn: string;
  readonly name: string;
  readonly serverSide: boolean;
  /** False for objects without a namespace. */
  readonly namespace: string | false;
}

/** The same metadata where nothing is missing. */
function fillMetadata(
  own: WireObject,
  { urn, name, serverSide, namespace }: Filling,
): { metadata: WireObject; generated: readonly string[] } {
  const isUnnamed = isMissing(own.name) && isMissing(own.generateName);
  const annotations = isObject(own.annotations) ? own.annotations : {};
  const labels = isObject(own.labels) ? own.labels : {};
  const parts: readonly (readonly [boolean, WireObject, readonly string[]])[] = [
    [
      isUnnamed,
      {
        name: `${name}-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`,
        annotations: { ...annotations, [AUTONAMED]: "true" },
      },
      ["metadata.name", `metadata.annotations["${AUTONAMED}"]`],
    ],
    [
      !serverSide && !isUnknown(own.labels) && labels[MANAGED_BY] !== "pulumi",
      { labels: { ...labels, [MANAGED_BY]: "pulumi" } },
      [`metadata.labels["${MANAGED_BY}"]`],
    ],
    [namespace !== false && isMissing(own.namespace), { namespace }, ["metadata.namespace"]],
  ];
  const needed = parts.filter(([isNeeded]) => isNeeded);
  if (needed.length === 0) return { metadata: own, generated: [] };
  return {
    metadata: Object.assign({}, own, ...needed.map(([, fields]) => fields)) as WireObject,
    generated: needed.flatMap(([, , paths]) => paths).sort(),
  };
}

/** A Secret's `stringData` becomes base64 in `data`, unless a part of either is unknown. */
function normalizeSecret(inputs: WireObject, placeholders: ReadonlyMap<string, string>): WireObject {
  const { stringData, data = {}, ...rest } = inputs;
  const text = unwrapSecret(stringData ?? null);
  const encoded = unwrapSecret(data);
  if (!isObject(text) || !isObject(encoded) || containsUnknown(text) || containsUnknown(encoded)) return inputs;
  if (Object.keys(text).length === 0) return inputs;
  const marks = [...placeholders.values()];
  const merged = Object.entries(text).map(([key, value]) => {
    const plain = String(unwrapSecret(value) ?? "");
    // The placeholder stays readable, so that the graph can still say what is missing.
    return [key, marks.some((mark) => plain.includes(mark)) ? plain : Buffer.from(plain).toString("base64")] as const;
  });
  return { ...rest, data: secret({ ...encoded, ...Object.fromEntries(merged) }) };
}
