import type { TestProject } from "vitest/node";
import { CLUSTER_TOOLS, type Cluster, startCluster } from "./cluster/cluster.js";
import type { Tools } from "./cluster/components.js";
import { buildTools, builtTools } from "./tools/build.mjs";

/** What test processes get of the cluster that the setup started. */
export type SharedCluster = Pick<Cluster, "server" | "ca" | "token" | "kubeconfig" | "folder">;

declare module "vitest" {
  interface ProvidedContext {
    tools: Tools;
    cluster: SharedCluster | undefined;
  }
}

/** Builds what the cache does not have, starts the one cluster that tests share, and ends it after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const tools = await theTools();
  project.provide("tools", tools);

  const missing = missingOf(tools);
  if (missing.length > 0 && process.env.CI) {
    throw new Error(`under CI no test may be skipped, but tools are missing:\n${missing.join("\n")}`);
  }
  for (const line of missing) say(`missing, tests that need it are skipped: ${line}`);

  if (CLUSTER_TOOLS.some((name) => tools[name]?.path === undefined)) {
    project.provide("cluster", undefined);
    return async () => {};
  }
  return shareCluster(project, tools);
}

async function shareCluster(project: TestProject, tools: Tools): Promise<() => Promise<void>> {
  const begin = Date.now();
  const cluster = await startCluster(tools);
  say(`cluster ready after ${((Date.now() - begin) / 1000).toFixed(1)} s, logs in ${cluster.folder}`);

  const { server, ca, token, kubeconfig, folder } = cluster;
  project.provide("cluster", { server, ca, token, kubeconfig, folder });

  let broken: Error | undefined;
  void cluster.ended.then((error) => {
    broken = error;
    say(`the cluster broke down, tests that use it fail from here on: ${error.message}`);
  });
  return async () => {
    await cluster.stop();
    if (broken !== undefined) throw broken;
  };
}

async function theTools(): Promise<Tools> {
  return process.env.PLINTH_E2E_BUILD === "no" ? builtTools() : buildTools(undefined, { log: say });
}

function missingOf(tools: Tools): string[] {
  return Object.entries(tools).flatMap(([name, tool]) => (tool.path === undefined ? [`${name}: ${tool.missing}`] : []));
}

function say(line: string): void {
  process.stderr.write(`e2e: ${line}\n`);
}
