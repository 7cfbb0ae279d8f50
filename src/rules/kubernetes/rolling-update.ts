/** How many pods a rolling update may have above and below the wanted number. */
export interface Fenceposts {
  readonly surge: number;
  readonly unavailable: number;
}

/** What the API server fills in for a Deployment; https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable */
const DEFAULT_SHARE = "25%";

/**
 * The pods that a Deployment's rolling update may add and take away: an absent value is 25 %, a percentage of the
 * surge is rounded up and of the unavailable pods down, and when both come to zero one pod may be unavailable, as
 * otherwise nothing could ever move.
 *
 * Source: `ResolveFenceposts` and `MaxUnavailable` in kubernetes/kubernetes, pkg/controller/deployment/util/deployment_util.go;
 * `SetDefaults_Deployment` in pkg/apis/apps/v1/defaults.go.
 *
 * @returns undefined when a value is neither a whole number nor a percentage, which the API server refuses.
 */
export function fenceposts(
  replicas: number,
  maxSurge: unknown = DEFAULT_SHARE,
  maxUnavailable: unknown = DEFAULT_SHARE,
): Fenceposts | undefined {
  const surge = scaled(maxSurge, replicas, Math.ceil);
  const unavailable = scaled(maxUnavailable, replicas, Math.floor);
  if (surge === undefined || unavailable === undefined) return undefined;
  const least = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { surge, unavailable: Math.min(least, replicas) };
}

/**
 * A whole number, or a percentage of the total.
 *
 * Source: `GetScaledValueFromIntOrPercent` in kubernetes/apimachinery, pkg/util/intstr/intstr.go.
 */
export function scaled(value: unknown, total: number, round: (value: number) => number): number | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  if (typeof value !== "string") return undefined;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? undefined : round((Number(percent) * total) / 100);
}
