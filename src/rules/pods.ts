import { kubernetesObject } from "../graph/kubernetes.js";
import type { ResourceNode, Value } from "../graph/model.js";
import { valueAt } from "../graph/values.js";

/** Where each kind keeps the spec of its pods. */
const podSpecs: { readonly [kind: string]: readonly string[] } = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  Deployment: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};

export const podKinds: readonly string[] = Object.keys(podSpecs);

const containerLists = ["initContainers", "containers", "ephemeralContainers"];

/** One container, or the unknown or withheld value that stands in its place. */
export interface Container {
  readonly path: string;
  readonly value: Value;
}

/** Every container of a pod or of what makes pods, with its path: init containers first, then the others. */
export function containers(node: ResourceNode): Container[] {
  const keys = podSpecs[kubernetesObject(node)?.kind ?? ""];
  if (!keys) return [];
  const path = keys.join(".");
  const spec = valueAt(node.inputs, keys);
  if (spec === undefined || spec === null) return [];
  return containerLists.flatMap((list): Container[] => {
    const found = valueAt(spec, [list]);
    if (Array.isArray(found)) return found.map((value, index) => ({ path: `${path}.${list}[${index}]`, value }));
    // An unknown spec hides all lists: it is told once, at `containers`, which every pod has.
    const told = found !== undefined && found !== null && (found !== spec || list === "containers");
    return told ? [{ path: `${path}.${list}`, value: found }] : [];
  });
}
