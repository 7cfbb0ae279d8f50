import type { Value } from "../../graph/model.js";
import { isUndecided, read, type Undecided, undecidedBy } from "../truth.js";
import { type Amount, amount } from "./resources.js";
import { fenceposts } from "./rolling-update.js";

/** What an object must have to be counted. */
interface Counted {
  readonly kind: string;
  readonly object: Value;
}

/**
 * The most pods of each template that a workload runs at one time while it is rolled out: replicas and the surge of a
 * Deployment or Rollout (all of them twice for blue-green), parallel pods of a Job, groups of a LeaderWorkerSet. Of kinds
 * that are not listed one, which is the least they can have. Autoscalers are not looked at.
 *
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/;
 * https://argo-rollouts.readthedocs.io/en/stable/features/specification/.
 */
export function peakPods({ kind, object }: Counted): Amount {
  const at = (...keys: readonly string[]): Amount => amount(read(object, ["spec", ...keys]) ?? 1);
  switch (kind) {
    case "Deployment":
      return isRecreated(object) ? at("replicas") : withSurge(object, ["strategy", "rollingUpdate"], at("replicas"));
    case "Rollout":
      return read(object, ["spec", "strategy", "blueGreen"]) !== undefined
        ? times(2, at("replicas"))
        : withSurge(object, ["strategy", "canary"], at("replicas"));
    case "StatefulSet":
    case "ReplicaSet":
    case "ReplicationController":
      return at("replicas");
    case "Job":
      return at("parallelism");
    case "CronJob":
      return at("jobTemplate", "spec", "parallelism");
    case "LeaderWorkerSet":
      return at("replicas");
    default:
      return 1;
  }
}

function isRecreated(object: Value): boolean {
  return read(object, ["spec", "strategy", "type"]) === "Recreate";
}

function withSurge(object: Value, strategy: readonly string[], replicas: Amount): Amount {
  if (isOpen(replicas)) return replicas;
  const surge = read(object, ["spec", ...strategy, "maxSurge"]);
  const unavailable = read(object, ["spec", ...strategy, "maxUnavailable"]);
  const open = undecidedBy(surge) ?? undecidedBy(unavailable);
  if (open) return open;
  return replicas + (fenceposts(replicas, surge ?? undefined, unavailable ?? undefined)?.surge ?? 0);
}

function times(factor: number, value: Amount): Amount {
  return isOpen(value) ? value : factor * value;
}

function isOpen(value: Amount): value is Undecided {
  return typeof value !== "number" && isUndecided(value);
}
