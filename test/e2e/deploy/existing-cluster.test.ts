import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Api, connect } from "../cluster/api.js";
import { eksGpuNode } from "../cluster/nodes.js";
import type { KubeObject } from "../cluster/objects.js";
import { CLUSTER_TOOLS, cluster, describeWith } from "../needs.js";
import { type InlineStack, inline, type Stack } from "../pulumi/stack.js";
import { complaints, done, edit, exampleFolder, openExample } from "./example.js";
import { clusterObjects, objectsIn } from "./objects.js";
import { objectsOf, strictFaults } from "./strict.js";

const NAMESPACE = "/api/v1/namespaces/models";
const DEPLOYMENT = "/apis/apps/v1/namespaces/models/deployments/chat-endpoint";
const NODES = ["models-l4-1", "models-l4-2"];
const RESOURCES = 9;

interface Deployment extends KubeObject {
  readonly spec: { readonly strategy: { readonly rollingUpdate: unknown }; readonly template: unknown };
  readonly status: { readonly availableReplicas?: number; readonly updatedReplicas?: number };
}
interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
}

const available = ({ status }: Deployment): boolean => status.availableReplicas === 1 && status.updatedReplicas === 1;

describeWith([...CLUSTER_TOOLS, "pulumi", "pulumi-resource-kubernetes"], "existing-cluster", () => {
  let api: Api;

  beforeAll(async () => {
    api = connect(cluster());
    // Plinth never makes a namespace.
    await api.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "models" } });
    for (const name of NODES) {
      await api.create(eksGpuNode({ name, labels: { "nvidia.com/gpu.product": "NVIDIA-L4" } }));
    }
  });

  afterAll(async () => {
    await api.remove(NAMESPACE);
    for (const name of NODES) await api.remove(`/api/v1/nodes/${name}`);
  });

  describe("in its folder, as a user runs it", () => {
    let stack: Stack;

    beforeAll(async () => {
      stack = await openExample("existing-cluster", cluster(), { stack: "dev" });
    });
    afterAll(async () => {
      await stack.destroy();
      await stack.removeAll();
    });

    test("a preview proposes every resource and makes none", async () => {
      const proposed = await stack.preview();
      expect(complaints(proposed)).toEqual([expect.stringMatching(/one pod and no room for a second one/)]);
      expect(proposed).toMatchObject({ code: 0, changes: { create: RESOURCES } });
      expect(await objectsIn(cluster(), "models")).toEqual([]);
    });

    test("up makes what was proposed, and the pod runs on a node with the GPU that was asked for", async () => {
      expect(await stack.up()).toMatchObject({ code: 0, changes: { create: RESOURCES } });
      await api.waitFor(DEPLOYMENT, available, { seconds: 30, what: "the endpoint's pod to be available" });
      const pods = await api.list<Pod>(`${NAMESPACE}/pods`);
      expect(pods.map(({ spec }) => NODES.includes(spec.nodeName ?? ""))).toEqual([true]);
    });

    test("the API server takes every object with strict field validation", async () => {
      const objects = objectsOf(await stack.exportState({ secrets: true }));
      expect(objects.map(({ kind }) => kind).sort()).toEqual([
        "ConfigMap",
        "Deployment",
        "NetworkPolicy",
        "Service",
        "ServiceAccount",
      ]);
      expect(await strictFaults(cluster(), objects)).toEqual([]);
    });

    test("the kubeconfig is in the state encrypted only", async () => {
      expect(JSON.stringify(await stack.exportState())).not.toContain(cluster().token);
    });

    test("a second up changes nothing, nor does a preview after the controllers ran and a refresh", async () => {
      expect(await stack.up()).toMatchObject({ code: 0, changes: { same: RESOURCES } });
      expect(await stack.refresh()).toMatchObject({ code: 0, changes: { same: RESOURCES } });
      expect(await stack.preview()).toMatchObject({ code: 0, changes: { same: RESOURCES } });
    });

    test("another length of prompts and a surge change the Deployment alone, in place", async () => {
      edit(stack, "maxModelLength: 8192", "maxModelLength: 4096");
      edit(stack, "engine: engine.vllm", 'rollout: { kind: "rolling", surge: 1 },\n  engine: engine.vllm');
      const outcome = await stack.up();
      expect(outcome.code).toBe(0);
      expect(done(outcome)).toEqual([
        "update kubernetes:apps/v1:Deployment chat-endpoint",
        "update plinth:index:InferenceEndpoint chat",
      ]);
      const deployment = await api.waitFor(DEPLOYMENT, available, { seconds: 30, what: "the new pod to be available" });
      expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      expect(JSON.stringify(deployment.spec.template)).toContain('"--max-model-len=4096"');
    });

    test("destroy leaves no object", async () => {
      expect((await stack.destroy()).code).toBe(0);
      expect((await stack.exportState()).deployment.resources ?? []).toEqual([]);
      await vi.waitFor(async () => expect(await objectsIn(cluster(), "models")).toEqual([]), { timeout: 30_000 });
      expect(await clusterObjects(cluster())).toEqual([]);
    });
  });

  describe("inline, by the Automation API", () => {
    let opened: InlineStack;

    beforeAll(async () => {
      opened = await inline({
        project: "existing-cluster",
        stack: "inline",
        program: runExample,
        config: { kubeconfig: { secret: readFileSync(cluster().kubeconfig, "utf8") } },
      });
    });
    afterAll(async () => {
      await opened.stack.destroy();
      opened.removeAll();
    });

    test("preview, up, a second up and destroy do the same as in the folder", async () => {
      const { stack } = opened;
      expect((await stack.preview()).changeSummary).toEqual({ create: RESOURCES });
      const made = await stack.up();
      expect(made.summary.resourceChanges).toEqual({ create: RESOURCES });
      expect(made.outputs.url).toEqual({ value: "http://chat-endpoint.models.svc:8000", secret: false });
      expect((await stack.up()).summary.resourceChanges).toEqual({ same: RESOURCES });
      expect((await stack.destroy()).summary.resourceChanges).toEqual({ delete: RESOURCES });
      await vi.waitFor(async () => expect(await objectsIn(cluster(), "models")).toEqual([]), { timeout: 30_000 });
    });
  });
});

/** The example's own module, evaluated anew for each operation. */
async function runExample(): Promise<Record<string, unknown>> {
  vi.resetModules();
  const { href } = pathToFileURL(`${exampleFolder("existing-cluster")}/index.ts`);
  const { url } = (await import(href)) as { readonly url: unknown };
  return { url };
}
