import type { Api } from "./api.js";
import type { Node } from "./nodes.js";
import { hasCondition } from "./objects.js";

const SECONDS = 60;

/** Adds simulated nodes to a cluster and waits until the scheduler may use them. */
export async function joinNodes(api: Api, nodes: readonly Node[]): Promise<void> {
  await Promise.all(nodes.map((node) => api.create(node)));
  await Promise.all(nodes.map(({ metadata: { name } }) => usable(api, name)));
}

/** A node is ready first, and loses the taint of those that are not a moment later. */
async function usable(api: Api, name: string): Promise<void> {
  await api.waitFor<Node>(
    `/api/v1/nodes/${name}`,
    (node) =>
      hasCondition(node, "Ready") && !node.spec.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready"),
    { seconds: SECONDS, what: `node ${name} to be ready` },
  );
}
