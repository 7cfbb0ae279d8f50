/**
 * The order in which kinds can be applied: what others need comes first. The numbers stand at the front of file
 * names, so that `kubectl apply -f FOLDER`, which goes by name, keeps the order. Kinds that are not listed are custom
 * resources or need nothing special.
 */
const ranks: readonly { readonly rank: number; readonly kinds: readonly string[] }[] = [
  { rank: 0, kinds: ["Namespace"] },
  {
    rank: 10,
    kinds: [
      "CustomResourceDefinition",
      "PriorityClass",
      "StorageClass",
      "VolumeSnapshotClass",
      "RuntimeClass",
      "IngressClass",
      "GatewayClass",
      "DeviceClass",
    ],
  },
  { rank: 20, kinds: ["ServiceAccount", "ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"] },
  { rank: 30, kinds: ["ResourceQuota", "LimitRange", "NetworkPolicy", "PodDisruptionBudget"] },
  { rank: 40, kinds: ["ConfigMap", "Secret", "PersistentVolume", "PersistentVolumeClaim", "ResourceClaimTemplate"] },
  { rank: 50, kinds: ["Service"] },
  {
    rank: 60,
    kinds: ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Job", "CronJob"],
  },
  { rank: 80, kinds: ["HorizontalPodAutoscaler", "Ingress", "Gateway", "HTTPRoute", "GRPCRoute"] },
  {
    // Last: an admission rule must not stand in the way of the objects that serve it.
    rank: 90,
    kinds: [
      "APIService",
      "ValidatingWebhookConfiguration",
      "MutatingWebhookConfiguration",
      "ValidatingAdmissionPolicy",
      "ValidatingAdmissionPolicyBinding",
      "MutatingAdmissionPolicy",
      "MutatingAdmissionPolicyBinding",
    ],
  },
];

const rankByKind = new Map(ranks.flatMap(({ rank, kinds }) => kinds.map((kind) => [kind, rank] as const)));

/** 0 to 90; a custom resource is 70, after the workloads and before what routes to them. */
export function applyRank(kind: string): number {
  return rankByKind.get(kind) ?? 70;
}
