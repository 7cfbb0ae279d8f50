import { podPlaces } from "../../rules/pod-places.js";
import type { KindPlaces } from "../../rules/pods.js";
import type { Check, ObjectRule } from "../../rules/rule.js";
import { isOfKind } from "../../rules/view.js";

/** A kind as an API server's rules name it. */
export interface AdmittedKind {
  /** "*" for a kind that only its name is known of. */
  readonly group: string;
  readonly versions: readonly string[];
  readonly kind: string;
  /** Plural, in lower case: `deployments`. */
  readonly resource: string;
}

/**
 * Kinds without pods that rules and teams name, by group and versions.
 * Source: the served versions in the API of Kubernetes v1.36 and the CustomResourceDefinitions of Gateway API v1.6.3,
 * Istio 1.31.1, KServe v0.20.0 and Seldon Core v2.6.0.
 */
const OTHERS: readonly (readonly [group: string, versions: string, kinds: string])[] = [
  ["", "v1", "ConfigMap LimitRange Namespace PersistentVolume PersistentVolumeClaim ResourceQuota Secret Service"],
  ["", "v1", "ServiceAccount"],
  ["autoscaling", "v1 v2", "HorizontalPodAutoscaler"],
  ["networking.k8s.io", "v1", "Ingress NetworkPolicy"],
  ["policy", "v1", "PodDisruptionBudget"],
  ["rbac.authorization.k8s.io", "v1", "ClusterRole ClusterRoleBinding Role RoleBinding"],
  ["gateway.networking.k8s.io", "v1", "GRPCRoute"],
  ["gateway.networking.k8s.io", "v1 v1beta1", "Gateway HTTPRoute"],
  ["networking.istio.io", "v1 v1alpha3 v1beta1", "VirtualService"],
  ["serving.kserve.io", "v1alpha1", "LocalModelCache LocalModelNamespaceCache TrainedModel"],
  ["mlops.seldon.io", "v1alpha1", "Model"],
];

const ofPods = podPlaces.map(({ group, kind, versions }) => admittedKind(group, versions, kind));
const others = OTHERS.flatMap(([group, versions, kinds]) =>
  kinds.split(" ").map((kind) => admittedKind(group, versions.split(" "), kind)),
);

/** Every kind that is known by group, version and plural. */
export const knownKinds: readonly AdmittedKind[] = joined([...ofPods, ...others]);

/**
 * The plural by which a kind's resource is named: the English one, which every kind with pods has in its
 * CustomResourceDefinition (compared with those of the projects; source of the table of pods).
 */
export function pluralOf(kind: string): string {
  const singular = kind.toLowerCase();
  if (/(s|x|ch|sh)$/.test(singular)) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

/** The kinds whose objects a rule can say something about. Rules on whole objects of any kind are about those known. */
export function kindsOfRule(rule: ObjectRule): readonly AdmittedKind[] {
  return joined(rule.checks.flatMap(kindsOfCheck));
}

/** Where the kinds of a rule keep their pods and images. */
export function placesOfRule(rule: ObjectRule): readonly KindPlaces[] {
  const kinds = new Set(kindsOfRule(rule).map(({ group, kind }) => `${group}/${kind}`));
  return podPlaces.filter(({ group, kind }) => kinds.has(`${group}/${kind}`));
}

function kindsOfCheck({ each, kinds }: Check): readonly AdmittedKind[] {
  if (each === "object") return kinds ? kinds.flatMap(named) : knownKinds;
  const having = podPlaces.filter((place) => place.pods || (each === "image" && (place.images || place.imageObjects)));
  return having
    .filter((place) => !kinds || isOfKind(place, kinds))
    .map(({ group, kind, versions }) => admittedKind(group, versions, kind));
}

/** `Deployment` in every known group, `apps/Deployment` in one; a kind that is not known in every version. */
function named(name: string): readonly AdmittedKind[] {
  const known = knownKinds.filter((each) => isOfKind(each, [name]));
  if (known.length > 0) return known;
  const [kind = "", group = "*"] = name.split("/").reverse();
  return [admittedKind(group, ["*"], kind)];
}

function admittedKind(group: string, versions: readonly string[], kind: string): AdmittedKind {
  return { group, versions, kind, resource: pluralOf(kind) };
}

/** One entry for each kind, with all versions. */
function joined(kinds: readonly AdmittedKind[]): readonly AdmittedKind[] {
  const byKind = new Map<string, AdmittedKind>();
  for (const each of kinds) {
    const key = `${each.group}/${each.kind}`;
    const versions = [...new Set([...(byKind.get(key)?.versions ?? []), ...each.versions])];
    byKind.set(key, { ...each, versions });
  }
  return [...byKind.values()];
}

export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly ["CREATE", "UPDATE"];
  readonly resources: readonly string[];
}

/** Subresources that change what a rule judges: debug containers, and resources that are changed in place. */
const SUBRESOURCES: { readonly [resource: string]: readonly string[] } = {
  "/pods": ["pods/ephemeralcontainers", "pods/resize"],
};

/** The kinds as `matchConstraints.resourceRules`, one for each group and list of versions. */
export function resourceRules(kinds: readonly AdmittedKind[]): ResourceRule[] {
  const byVersions = new Map<string, AdmittedKind[]>();
  for (const each of kinds) {
    const key = `${each.group}/${each.versions.join(",")}`;
    byVersions.set(key, [...(byVersions.get(key) ?? []), each]);
  }
  return [...byVersions.values()].map((same) => ({
    apiGroups: [same[0]?.group ?? ""],
    apiVersions: same[0]?.versions ?? [],
    operations: ["CREATE", "UPDATE"],
    resources: same.flatMap(({ group, resource }) => [resource, ...(SUBRESOURCES[`${group}/${resource}`] ?? [])]),
  }));
}
