import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, connect } from "../cluster/api.js";
import { type Cluster, startCluster } from "../cluster/cluster.js";
import { type EksNodeGroup, eksGpuNode, eksNode, type Node } from "../cluster/nodes.js";
import type { KubeObject } from "../cluster/objects.js";
import { CLUSTER_TOOLS, describeWith, tools } from "../needs.js";
import type { Stack, StackState } from "../pulumi/stack.js";
import { complaints, openExample } from "./example.js";
import { fixtures, writeFixture } from "./fixtures.js";
import { objectsOf } from "./strict.js";
import { interruptions } from "./upgrades.js";

const PASSPHRASES: Readonly<Record<string, string>> = { prod: "plinth-example" };

/** Objects whose replacement a client of the endpoint would notice. */
const SERVING = [
  "Deployment",
  "Namespace",
  "Secret",
  "Service",
  "ServiceAccount",
  "StatefulSet",
  "PersistentVolumeClaim",
];

test("taking away or making anew what serves is an interruption, an update is none", () => {
  const step = (op: string, type: string, name: string) => ({ op, type, urn: `urn:pulumi:s::p::${type}::${name}` });
  const steps = [
    step("update", "kubernetes:apps/v1:Deployment", "fraud-endpoint"),
    step("replace", "kubernetes:core/v1:ConfigMap", "fraud-endpoint-fetch"),
    step("replace", "kubernetes:core/v1:Service", "fraud-endpoint"),
    step("delete", "kubernetes:core/v1:ServiceAccount", "fraud-endpoint"),
    step("delete-replaced", "aws:iam/role:Role", "fraud-endpoint"),
  ];
  expect(interruptions(steps)).toEqual([
    "delete kubernetes:core/v1:ServiceAccount fraud-endpoint",
    "delete-replaced aws:iam/role:Role fraud-endpoint",
    "replace kubernetes:core/v1:Service fraud-endpoint",
  ]);
});

// The examples name their namespaces, so this has a cluster of its own.
describeWith([...CLUSTER_TOOLS, "pulumi", "pulumi-resource-kubernetes"], "upgrades", () => {
  let cluster: Cluster;
  let api: Api;

  beforeAll(async () => {
    cluster = await startCluster(tools(), { nodes: [l4Node(1), l4Node(2)] });
    api = connect(cluster);
  });
  afterAll(() => cluster.stop());

  describe.each(fixtures())("from $file", ({ example, stack: name, stateFor }) => {
    let stack: Stack;
    let state: StackState;

    beforeAll(async () => {
      state = stateFor(cluster);
      await Promise.all(nodesOf(state).map((node) => api.create(node)));
      await makeObjects(api, state);
      stack = await openExample(example, cluster, {
        stack: name,
        ...(PASSPHRASES[name] !== undefined && { passphrase: PASSPHRASES[name] }),
      });
      await stack.importState(state);
    });
    afterAll(() => stack.removeAll());

    test("up with today's Plinth interrupts nothing, and what serves is the very same object", async () => {
      const before = await serving(api, state);
      const outcome = await stack.up();
      expect({ errors: errorsOf(outcome), code: outcome.code }).toEqual({ errors: [], code: 0 });
      expect(interruptions(outcome.steps)).toEqual([]);
      expect(await serving(api, state)).toEqual(before);
      expect(Object.keys(before).length).toBeGreaterThan(2);
    });
  });

  // For a release: see README.md.
  if (process.env.PLINTH_RECORD) {
    test.each([
      ["fraud-detection", "prod"],
      ["existing-cluster", "dev"],
    ] as const)("records %s, %s", async (example, name) => {
      const stack = await openExample(example, cluster, {
        stack: name,
        ...(PASSPHRASES[name] !== undefined && { passphrase: PASSPHRASES[name] }),
      });
      const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
      if (example === "existing-cluster") await makeNamespace(api, "models");
      const { steps } = await stack.preview();
      const groups = steps.flatMap(({ type, urn, new: made }) => (made ? [{ type, urn, inputs: made.inputs }] : []));
      await Promise.all(
        nodesOf({ version: 3, deployment: { resources: groups.map((each) => ({ ...each, custom: true })) } }).map(
          (node) => api.create(node),
        ),
      );
      const outcome = await stack.up();
      expect({ errors: errorsOf(outcome), code: outcome.code }).toEqual({ errors: [], code: 0 });
      writeFixture(example, name, version, await stack.exportState({ secrets: true }), cluster);
      await stack.removeAll();
    });
  }
});

const errorsOf = (outcome: Parameters<typeof complaints>[0]): string[] =>
  complaints(outcome).filter((message) => !message.startsWith("one pod and no room"));

const l4Node = (number: number): Node =>
  eksGpuNode({ name: `models-l4-${number}`, labels: { "nvidia.com/gpu.product": "NVIDIA-L4" } });

/** Two nodes for each node group of a state. */
function nodesOf({ deployment }: StackState): Node[] {
  const groups = (deployment.resources ?? []).filter(({ type }) => type === "aws:eks/nodeGroup:NodeGroup");
  return groups.flatMap(({ urn, inputs }) =>
    [1, 2].map((number) =>
      eksNode({ name: `${urn.split("::").at(-1)}-${number}`, nodeGroup: inputs as unknown as EksNodeGroup }),
    ),
  );
}

/** Makes the objects of a state as the provider had made them: in its order and under its name as their manager. */
async function makeObjects(api: Api, state: StackState): Promise<void> {
  const namespaces = new Set(objectsOf(state).map(({ metadata }) => metadata.namespace ?? "default"));
  for (const namespace of namespaces) await makeNamespace(api, namespace);
  const resources = (state.deployment.resources ?? []).filter(({ type }) => type.startsWith("kubernetes:"));
  for (const resource of resources) {
    const [object] = objectsOf({ ...state, deployment: { resources: [resource] } });
    await api.apply(object!, { manager: String(resource.outputs?.__fieldManager) });
  }
}

async function makeNamespace(api: Api, name: string): Promise<void> {
  if (await api.find(`/api/v1/namespaces/${name}`)) return;
  await api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

/** The identity of each object that serves, by kind and name. */
async function serving(api: Api, state: StackState): Promise<Record<string, string>> {
  const objects = objectsOf(state).filter(({ kind }) => SERVING.includes(kind));
  const found = await Promise.all(
    objects.map(async (object) => {
      const { metadata } = await api.get<KubeObject>(await api.pathOf(object));
      return [`${object.kind} ${metadata.name}`, metadata.uid ?? ""] as const;
    }),
  );
  return Object.fromEntries(found);
}
