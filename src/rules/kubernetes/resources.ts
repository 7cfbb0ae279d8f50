import { isQuantity, parseQuantity } from "../../core/quantity.js";
import type { Value } from "../../graph/model.js";
import { is, isUndecided, read, type Undecided, undecidedBy } from "../truth.js";

/** An amount of a resource in its base unit (GPUs, cores, bytes), or what decides it. */
export type Amount = number | Undecided;

/**
 * What a container asks for: its request, or its limit where there is no request, as the API server fills in.
 *
 * Source: `SetDefaults_Pod` in kubernetes/kubernetes, pkg/apis/core/v1/defaults.go. What is no quantity counts as 0: the
 * API server refuses it.
 */
export function containerRequest(container: Value, resource: string): Amount {
  const resources = read(container, ["resources"]) ?? {};
  return amount(read(resources, ["requests", resource]) ?? read(resources, ["limits", resource]));
}

/**
 * What the scheduler counts for a pod: the sum over containers and sidecars (init containers with `restartPolicy:
 * Always`), or what an init container needs beside the sidecars that start before it when that is more, plus the pod's
 * overhead. Ephemeral containers have no resources. Requests of the pod as a whole (`spec.resources`) can only name cpu,
 * memory and huge pages and then stand for the sum of the containers.
 *
 * Source: `PodRequests` in kubernetes/component-helpers, resource/helpers.go;
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers.
 */
export function podRequest(podSpec: Value, resource: string): Amount {
  const main = listOf(podSpec, "containers");
  const init = listOf(podSpec, "initContainers");
  if (isOpen(main)) return main;
  if (isOpen(init)) return init;
  const wholePod =
    read(podSpec, ["resources", "requests", resource]) ?? read(podSpec, ["resources", "limits", resource]);
  const overhead = amount(read(podSpec, ["overhead", resource]));
  if (wholePod !== undefined) return plus(amount(wholePod), overhead);
  let sidecars: Amount = 0;
  let peak: Amount = 0;
  for (const container of init) {
    const request = containerRequest(container, resource);
    const sidecar = is(read(container, ["restartPolicy"]), "Always");
    if (isUndecided(sidecar)) {
      if (request !== 0) return sidecar;
    } else if (sidecar) sidecars = plus(sidecars, request);
    else peak = most(peak, plus(sidecars, request));
  }
  const running = main.reduce<Amount>((sum, container) => plus(sum, containerRequest(container, resource)), sidecars);
  return plus(most(running, peak), overhead);
}

/** The sum; undecided when either is. */
export function plus(a: Amount, b: Amount): Amount {
  if (typeof a !== "number") return a;
  return typeof b === "number" ? a + b : b;
}

function most(a: Amount, b: Amount): Amount {
  if (typeof a !== "number") return a;
  return typeof b === "number" ? Math.max(a, b) : b;
}

/** The number that a value in the place of a quantity stands for. */
export function amount(value: Value | undefined): Amount {
  const undecided = undecidedBy(value);
  if (undecided) return undecided;
  if (typeof value === "number") return value;
  return typeof value === "string" && isQuantity(value) ? parseQuantity(value) : 0;
}

function listOf(podSpec: Value, key: string): readonly Value[] | Undecided {
  const list = read(podSpec, [key]);
  return undecidedBy(list) ?? (Array.isArray(list) ? (list as readonly Value[]) : []);
}

function isOpen(list: readonly Value[] | Undecided): list is Undecided {
  return !Array.isArray(list);
}
