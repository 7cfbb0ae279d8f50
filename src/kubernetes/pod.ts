import type { core } from "@pulumi/kubernetes/types/input.js";
import type * as pulumi from "@pulumi/pulumi";

/** A key of a Secret that exists in the pod's namespace. */
export interface SecretKey {
  /** Name of the Secret. */
  readonly name: pulumi.Input<string>;
  /** The key in it. */
  readonly key: string;
}

/** Environment variables as a container takes them: plain ones, then those from Secrets, each by name. */
export function containerEnv(
  plain: Readonly<Record<string, pulumi.Input<string>>>,
  secrets: Readonly<Record<string, SecretKey>> = {},
): core.v1.EnvVar[] {
  return [
    ...byName(plain).map(([name, value]) => ({ name, value })),
    ...byName(secrets).map(([name, { name: secret, key }]) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key } },
    })),
  ];
}

// Sorted, so that the order in which a program names them never restarts a pod.
function byName<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The user a container runs as. */
export interface PodUser {
  readonly uid: number;
  readonly gid: number;
}

/** What the "restricted" Pod Security Standard asks of a pod, and files that its user may read and write. */
export function podSecurity({ uid, gid }: PodUser): core.v1.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: gid,
    fsGroup: gid,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** What the "restricted" Pod Security Standard asks of a container. */
export function containerSecurity(readOnlyRootFilesystem: boolean): core.v1.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem,
    runAsNonRoot: true,
  };
}

/** Replicas apart from each other, zones first, as far as the cluster allows; each rollout is spread by itself. */
export function spread(selector: Readonly<Record<string, string>>): core.v1.TopologySpreadConstraint[] {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { ...selector } },
    matchLabelKeys: ["pod-template-hash"],
  }));
}
