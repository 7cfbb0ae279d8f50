import { resources } from "../graph/describe.js";
import { kubernetesObject } from "../graph/kubernetes.js";
import type { Properties, ResourceGraph, ResourceNode, Value } from "../graph/model.js";
import { type Pod, podsOf } from "./pods.js";
import type { Environment } from "./rule.js";
import { given, read, same, type Truth } from "./truth.js";

/** A Kubernetes object that the graph declares. */
export interface ObjectView {
  readonly node: ResourceNode;
  readonly kind: string;
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  /** A text or, before deployment, an unknown. Where nothing is said: `default`. */
  readonly namespace: Value;
  /** A text or an unknown; undefined when the object names itself at deployment (`generateName`). */
  readonly name: Value | undefined;
  /** A map or an unknown. */
  readonly labels: Value;
  /** The whole object; its values may be unknown or withheld. */
  readonly object: Properties;
}

export interface WorkloadView extends ObjectView {
  readonly pods: readonly Pod[];
}

/** What a rule across objects reads. Lists are made once and are in the order of the graph. */
export interface GraphView {
  /** Every resource but the stack, default providers and what already exists. */
  readonly nodes: readonly ResourceNode[];
  readonly environment?: Environment;
  /** Kubernetes objects of these kinds: `ResourceQuota`, `apps/Deployment`, `karpenter.sh/NodePool`; all when none is named. */
  objects(...kinds: readonly string[]): readonly ObjectView[];
  /** Resources whose Pulumi type matches, such as `/^aws:s3\/bucket(V2)?:/`. */
  ofType(type: RegExp): readonly ResourceNode[];
  /** Every object that keeps pods, with them. */
  workloads(): readonly WorkloadView[];
}

/** Sorts by where the user wrote things; what has no place in the user's files stays first and in its order. */
export function asWritten(a: { readonly node: ResourceNode }, b: { readonly node: ResourceNode }): number {
  const [one, other] = [a.node.source, b.node.source];
  const [file, otherFile] = [one?.file ?? "", other?.file ?? ""];
  if (file !== otherFile) return file < otherFile ? -1 : 1;
  return (one?.line ?? 0) - (other?.line ?? 0) || (one?.column ?? 0) - (other?.column ?? 0);
}

export function graphView(graph: ResourceGraph, environment?: Environment): GraphView {
  const nodes = resources(graph).filter((node) => node.kind !== "read");
  const objects = nodes.flatMap(objectView);
  const workloads = objects
    .map((view) => ({ ...view, pods: podsOf(view.object) }))
    .filter(({ pods }) => pods.length > 0);
  return {
    nodes,
    ...(environment && { environment }),
    objects: (...kinds) => (kinds.length === 0 ? objects : objects.filter((view) => isOfKind(view, kinds))),
    ofType: (type) => nodes.filter((node) => type.test(node.type)),
    workloads: () => workloads,
  };
}

/** Whether the object is of one of these kinds: `Deployment` of any group, `apps/Deployment` of one, `/Service` of the core group. */
export function isOfKind(
  { kind, group }: { readonly kind: string; readonly group: string },
  kinds: readonly string[],
): boolean {
  return kinds.includes(kind) || kinds.includes(`${group}/${kind}`);
}

/** Whether two objects live in one namespace. */
export function inSameNamespace(a: ObjectView, b: ObjectView): Truth {
  return same(a.namespace, b.namespace);
}

/** Whether the object has this name. */
export function isNamed({ name }: ObjectView, expected: Value | undefined): Truth {
  return name === undefined ? given(expected, () => false) : same(name, expected);
}

function objectView(node: ResourceNode): ObjectView[] {
  const identity = kubernetesObject(node);
  if (!identity) return [];
  const object = node.inputs;
  const [group = "", version] = identity.apiVersion.split("/");
  return [
    {
      node,
      kind: identity.kind,
      group: version === undefined ? "" : group,
      version: version ?? group,
      namespace: read(object, ["metadata", "namespace"]) ?? "default",
      name: read(object, ["metadata", "name"]),
      labels: read(object, ["metadata", "labels"]) ?? {},
      object,
    },
  ];
}
