import type { Api } from "../cluster/api.js";
import { type Condition, hasCondition, type KubeObject } from "../cluster/objects.js";

/** What decides where a pod goes. */
export interface PodPlace {
  readonly name: string;
  readonly namespace: string;
  /** Requests and limits alike. */
  readonly resources?: Readonly<Record<string, string>>;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly {
    readonly key: string;
    readonly operator: "Exists";
    readonly effect: "NoSchedule";
  }[];
}

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string; readonly conditions?: readonly Condition[] };
}

const SECONDS = 30;

/** A pod as one would write it by hand. */
export function podSpec({ resources = {}, nodeSelector = {}, tolerations = [] }: Omit<PodPlace, "name" | "namespace">) {
  return {
    nodeSelector,
    tolerations,
    containers: [{ name: "main", image: "registry.test/app:1", resources: { requests: resources, limits: resources } }],
  };
}

/** Makes a pod and gives its path. */
export async function makePod(api: Api, place: PodPlace): Promise<string> {
  const { name, namespace } = place;
  await api.create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec: podSpec(place) });
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

/** The node that a pod runs on. */
export async function nodeOf(api: Api, path: string): Promise<string> {
  const running = await api.waitFor<Pod>(path, (pod) => hasCondition(pod, "Ready"), {
    seconds: SECONDS,
    what: "the pod to run",
  });
  return running.spec.nodeName!;
}

/** Why the scheduler finds no node for a pod, in its own words. */
export async function refusalOf(api: Api, path: string): Promise<string> {
  const pending = await api.waitFor<Pod>(path, (pod) => hasCondition(pod, "PodScheduled", "False"), {
    seconds: SECONDS,
    what: "the scheduler to refuse the pod",
  });
  return pending.status.conditions!.find(({ type }) => type === "PodScheduled")!.message!;
}
