import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, connect } from "../cluster/api.js";
import { type EksNodeGroup, eksNode } from "../cluster/nodes.js";
import type { KubeObject } from "../cluster/objects.js";
import { CLUSTER_TOOLS, cluster, describeWith } from "../needs.js";
import type { Preview, Stack } from "../pulumi/stack.js";
import { complaints, done, edit, openExample, short } from "./example.js";
import { clusterObjects, objectsIn } from "./objects.js";
import { objectsOf, strictFaults } from "./strict.js";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const DEPLOYMENT = "/apis/apps/v1/namespaces/fraud/deployments/fraud-endpoint";
const PODS = "/api/v1/namespaces/fraud/pods";
const AUDIT_KEY = "/api/v1/namespaces/fraud/secrets/fraud-audit";
const BUDGET = "kubernetes:policy/v1:PodDisruptionBudget fraud-endpoint";
const BUCKET = "aws:s3/bucket:Bucket models";

const NEW_MODEL = { version: "8", digest: `sha256:${"8".repeat(64)}` };
const ONE_POD_WARNING = /one pod and no room for a second one/;

interface Deployment extends KubeObject {
  readonly spec: { readonly replicas: number; readonly strategy: { readonly rollingUpdate: unknown } };
  readonly status: { readonly availableReplicas?: number; readonly updatedReplicas?: number };
}
interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
}

/** The two sets of settings the example comes with, and an upgrade for each. */
const SETTINGS = [
  {
    stack: "dev",
    passphrase: "passphrase",
    pods: 1,
    resources: 53,
    upgrade: { title: "a new model, a larger scale and another strategy", pods: 2, surge: 1, budget: "create" },
    retained: [],
  },
  {
    stack: "prod",
    passphrase: "plinth-example",
    pods: 2,
    resources: 54,
    upgrade: { title: "a new model's version and digest", pods: 2, surge: 0, budget: "update" },
    // What is protected stays, with its provider and the stack that own it.
    retained: [BUCKET, "pulumi:providers:aws default_7_48_0", "pulumi:pulumi:Stack fraud-detection-prod"],
  },
] as const;

describeWith([...CLUSTER_TOOLS, "pulumi", "pulumi-resource-kubernetes"], "fraud-detection", () => {
  test("a preview from the root of the repository is the one from the example's folder", async () => {
    const root = copyRoot();
    const opened = await Promise.all([
      openExample("fraud-detection", cluster(), { stack: "dev" }),
      openExample("fraud-detection", cluster(), { stack: "dev", program: root }),
    ]);
    try {
      const [inside, above] = await Promise.all(opened.map((stack) => stack.preview()));
      expect(above!.code).toBe(0);
      expect(done(above!)).toEqual(done(inside!));
    } finally {
      for (const stack of opened) await stack.removeAll();
      rmSync(root, { recursive: true });
    }
  });

  describe.each(SETTINGS)(
    "with the settings of $stack",
    ({ stack: name, passphrase, pods, resources, upgrade, retained }) => {
      let api: Api;
      let stack: Stack;
      let proposed: Preview;
      let nodes: string[] = [];

      beforeAll(async () => {
        api = connect(cluster());
        stack = await openExample("fraud-detection", cluster(), { stack: name, passphrase });
        proposed = await stack.preview();
      });

      afterAll(async () => {
        await stack.command(["state", "unprotect", "--all", "--yes"]);
        await stack.destroy();
        await Promise.all(nodes.map((node) => api.remove(`/api/v1/nodes/${node}`)));
        await stack.removeAll();
      });

      test("a preview proposes every resource and makes none", async () => {
        expect(complaints(proposed)).toEqual(pods === 1 ? [expect.stringMatching(ONE_POD_WARNING)] : []);
        expect(proposed).toMatchObject({ code: 0, changes: { create: resources } });
        expect(await api.find("/api/v1/namespaces/fraud")).toBeUndefined();
      });

      test("up makes what was proposed, and the pods run on nodes of the pool that was meant", async () => {
        nodes = await joinNodes(api, name, proposed);
        const outcome = await stack.up();
        expect(outcome).toMatchObject({ code: 0, changes: { create: resources } });
        expect(done(outcome)).toEqual(done(proposed));
        const deployment = await api.waitFor<Deployment>(
          DEPLOYMENT,
          ({ status }) => status.availableReplicas === pods,
          {
            seconds: 30,
            what: "the endpoint's pods to be available",
          },
        );
        expect(deployment.spec.replicas).toBe(pods);
        expect(await placement(api)).toEqual(
          Array.from({ length: pods }, () => expect.stringMatching(`^fraud-${name}-serving-pool-on-demand-\\d$`)),
        );
      });

      test("the audit key reaches the cluster and is encrypted in the state", async () => {
        const key = (await stack.command(["config", "get", "auditKey"])).stdout.trim();
        const { data } = await api.get<KubeObject & { readonly data: { readonly key: string } }>(AUDIT_KEY);
        expect(Buffer.from(data.key, "base64").toString()).toBe(key);
        const state = JSON.stringify(await stack.exportState());
        expect(state).not.toContain(key);
        expect(state).not.toContain(data.key);
      });

      test("the API server takes every object with strict field validation", async () => {
        const objects = objectsOf(await stack.exportState({ secrets: true }));
        expect(objects).toHaveLength(pods === 1 ? 9 : 10);
        expect(await strictFaults(cluster(), objects)).toEqual([]);
      });

      test("a second up changes nothing", async () => {
        expect(await stack.up()).toMatchObject({ code: 0, changes: { same: resources } });
      });

      test("after the controllers ran, a refresh finds nothing new and a preview proposes nothing", async () => {
        expect(await stack.refresh()).toMatchObject({ code: 0, changes: { same: resources } });
        expect(await stack.preview()).toMatchObject({ code: 0, changes: { same: resources } });
      });

      test(`${upgrade.title} change what serves in place`, async () => {
        await stack.setConfig("fraud-detection:model", { value: NEW_MODEL });
        await stack.setConfig("fraud-detection:minPods", String(upgrade.pods));
        if (upgrade.surge > 0) edit(stack, "rollout.rolling()", `rollout.rolling({ surge: ${upgrade.surge} })`);
        const outcome = await stack.up();
        expect(complaints(outcome)).toEqual([]);
        expect(outcome.code).toBe(0);
        expect(done(outcome)).toEqual([...UPGRADE, `${upgrade.budget} ${BUDGET}`].sort());
        const deployment = await api.waitFor<Deployment>(
          DEPLOYMENT,
          ({ status }) => status.updatedReplicas === upgrade.pods && status.availableReplicas === upgrade.pods,
          { seconds: 30, what: "the new pods to be available" },
        );
        expect(deployment.spec).toMatchObject({
          replicas: upgrade.pods,
          strategy: { rollingUpdate: { maxSurge: upgrade.surge, maxUnavailable: 1 - upgrade.surge } },
          template: { metadata: { annotations: { "plinth.dev/model-version": NEW_MODEL.version } } },
        });
      });

      test("destroy leaves no object in the cluster, and of the rest exactly what is retained", async () => {
        const outcome = await stack.destroy();
        const left = (await stack.exportState()).deployment.resources ?? [];
        expect(left.map(short).sort()).toEqual(retained);
        if (retained.length === 0) expect(outcome.code).toBe(0);
        else {
          expect(outcome.code).not.toBe(0);
          expect(complaints(outcome)[0]).toMatch(/Bucket::models" cannot be deleted\nbecause it is protected/);
        }
        expect(await objectsIn(cluster(), "fraud")).toEqual([]);
        expect(await api.find("/api/v1/namespaces/fraud")).toBeUndefined();
        expect(await clusterObjects(cluster())).toEqual([]);
      });

      test("nothing is left once protection is taken away", async () => {
        await stack.command(["state", "unprotect", "--all", "--yes"]);
        expect((await stack.destroy()).code).toBe(0);
        expect((await stack.exportState()).deployment.resources ?? []).toEqual([]);
      });
    },
  );
});

/** The version is a label of every object, and the model's path is in the pod and in what its role may read. */
const UPGRADE = [
  // The example's own: Pulumi replaces a ConfigMap whose data changes.
  "create-replacement kubernetes:core/v1:ConfigMap fraud-client",
  "delete-replaced kubernetes:core/v1:ConfigMap fraud-client",
  "replace kubernetes:core/v1:ConfigMap fraud-client",
  "update aws:iam/rolePolicy:RolePolicy fraud-endpoint-read",
  "update kubernetes:apps/v1:Deployment fraud-endpoint",
  "update kubernetes:core/v1:ConfigMap fraud-endpoint-fetch",
  "update kubernetes:core/v1:Service fraud-endpoint",
  "update kubernetes:core/v1:ServiceAccount fraud-endpoint",
  "update kubernetes:networking.k8s.io/v1:NetworkPolicy fraud-endpoint",
  "update plinth:index:InferenceEndpoint fraud",
];

/** Nodes of each node group that the program declares, as EKS would start them; the largest scale and its surge fit. */
async function joinNodes(api: Api, stack: string, proposed: Preview): Promise<string[]> {
  const groups = proposed.steps.filter(({ type }) => type === NODE_GROUP);
  const nodes = groups.flatMap((group) =>
    [1, 2, 3].map((number) =>
      eksNode({
        name: `fraud-${stack}-${group.urn.split("::").at(-1)}-${number}`,
        nodeGroup: group.new!.inputs as unknown as EksNodeGroup,
      }),
    ),
  );
  await Promise.all(nodes.map((node) => api.create(node)));
  return nodes.map(({ metadata }) => metadata.name);
}

async function placement(api: Api): Promise<string[]> {
  const pods = await api.list<Pod>(PODS);
  return pods.map(({ spec }) => spec.nodeName ?? "nowhere").sort();
}

/** What the root of the repository has for Pulumi: a project file that points at the example. */
function copyRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "plinth-root-"));
  const repository = fileURLToPath(new URL("../../..", import.meta.url));
  for (const each of ["Pulumi.yaml", "examples/fraud-detection"]) {
    cpSync(join(repository, each), join(root, each), { recursive: true });
  }
  return root;
}
