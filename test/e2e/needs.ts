import { describe, inject } from "vitest";
import { CLUSTER_TOOLS } from "./cluster/cluster.js";
import type { Tools } from "./cluster/components.js";
import type { SharedCluster } from "./setup.js";
import type { ToolName } from "./tools/tools.mjs";

export { CLUSTER_TOOLS } from "./cluster/cluster.js";

/** The built tools, and why those that are missing are. */
export function tools(): Tools {
  return inject("tools");
}

/** The cluster that all tests share. Make a namespace of your own in it, and nodes of your own for GPUs. */
export function cluster(): SharedCluster {
  const shared = inject("cluster");
  if (shared === undefined) {
    throw new Error(`there is no cluster; put the test in describeWith(CLUSTER_TOOLS, …). ${whyNot(CLUSTER_TOOLS)}`);
  }
  return shared;
}

/** `describe` for tests that need tools; without one of them they are skipped, and the name says why. */
export function describeWith(needed: readonly ToolName[], name: string, body: () => void): void {
  const reason = whyNot(needed);
  if (reason === "") describe(name, body);
  else describe.skip(`${name} [skipped: ${reason}]`, body);
}

function whyNot(needed: readonly ToolName[]): string {
  const built = tools();
  return needed
    .flatMap((tool) => (built[tool]?.path === undefined ? [`${tool}: ${built[tool]?.missing}`] : []))
    .join("; ");
}
