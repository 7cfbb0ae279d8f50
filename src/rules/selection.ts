import type { Value } from "../graph/model.js";
import { isPlainObject } from "../graph/values.js";
import { matchesLabelSelector } from "./kubernetes/selectors.js";
import type { Pod } from "./pods.js";
import { both, read, type Truth, undecidedBy } from "./truth.js";
import { type GraphView, inSameNamespace, type ObjectView, type WorkloadView } from "./view.js";

/** A pod that a selector matches or, as long as something is unknown, may match. */
export interface Selected {
  readonly workload: WorkloadView;
  readonly pod: Pod;
  readonly matches: Truth;
}

interface Candidate {
  readonly workload: WorkloadView;
  readonly pod: Pod;
}

/**
 * Finds the pods that an object of the same namespace selects by their labels. Pods are looked up by one label of the
 * selector, so that many objects and many workloads do not multiply.
 */
export function podSelection(
  view: GraphView,
): (selecting: ObjectView, selector: Value | undefined) => readonly Selected[] {
  const all = view.workloads().flatMap((workload) => workload.pods.map((pod): Candidate => ({ workload, pod })));
  const byLabel = new Map<string, Candidate[]>();
  const open: Candidate[] = [];
  for (const candidate of all) {
    const places = placesOf(candidate);
    if (places === undefined) open.push(candidate);
    for (const place of places ?? []) {
      const found = byLabel.get(place);
      if (found) found.push(candidate);
      else byLabel.set(place, [candidate]);
    }
  }
  return (selecting, selector) => {
    const place = placeOf(selecting.namespace, selector);
    const candidates = place === undefined ? all : [...(byLabel.get(place) ?? []), ...open];
    return candidates.flatMap(({ workload, pod }): Selected[] => {
      const labels = read(pod.metadata, ["labels"]) ?? {};
      const matches = both(inSameNamespace(selecting, workload), matchesLabelSelector(labels, selector));
      return matches === false ? [] : [{ workload, pod, matches }];
    });
  };
}

/** Under which labels, and for selectors without one, a pod is found; undefined when its labels or its namespace are not all known. */
function placesOf({ workload, pod }: Candidate): readonly string[] | undefined {
  const labels = read(pod.metadata, ["labels"]) ?? {};
  if (typeof workload.namespace !== "string" || !isPlainObject(labels)) return undefined;
  const entries = Object.entries(labels);
  if (entries.some(([, value]) => undecidedBy(value))) return undefined;
  return [`${workload.namespace}/`, ...entries.map(([key, value]) => `${workload.namespace}/${key}=${String(value)}`)];
}

/** Under which label the pods of a selector are found; undefined when its namespace or that label is not known. */
function placeOf(namespace: Value, selector: Value | undefined): string | undefined {
  const labels = read(selector, ["matchLabels"]) ?? {};
  if (typeof namespace !== "string" || !isPlainObject(labels)) return undefined;
  const [key, value] = Object.entries(labels)[0] ?? [];
  if (key === undefined) return `${namespace}/`;
  return typeof value === "string" ? `${namespace}/${key}=${value}` : undefined;
}
