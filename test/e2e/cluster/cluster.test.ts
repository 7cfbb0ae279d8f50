import { afterEach, beforeEach, expect, it } from "vitest";
import { CLUSTER_TOOLS, cluster, describeWith } from "../needs.js";
import { type Api, ApiError, connect, makeNamespace, type Namespace } from "./api.js";
import { hasCondition, type KubeObject } from "./objects.js";

const container = { name: "main", image: "registry.test/app:1" };

describeWith(CLUSTER_TOOLS, "the shared cluster", () => {
  let api: Api;
  let namespace: Namespace;

  beforeEach(async () => {
    api = connect(cluster());
    namespace = await makeNamespace(api, "cluster");
  });
  afterEach(() => namespace?.remove());

  it("runs the pods of a Deployment and completes those of a Job", async () => {
    const at = namespace.name;
    await api.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: at },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [container] } },
      },
    });
    await api.create({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "once", namespace: at },
      spec: { completions: 2, template: { spec: { restartPolicy: "Never", containers: [container] } } },
    });
    const web = await api.waitFor<KubeObject>(
      `/apis/apps/v1/namespaces/${at}/deployments/web`,
      ({ status }) => (status as { availableReplicas?: number }).availableReplicas === 3,
      { seconds: 30, what: "three pods of the Deployment" },
    );
    expect(hasCondition(web, "Available")).toBe(true);
    const once = await api.waitFor<KubeObject>(
      `/apis/batch/v1/namespaces/${at}/jobs/once`,
      (job) => hasCondition(job, "Complete"),
      { seconds: 30, what: "the Job to complete" },
    );
    expect(once.status).toMatchObject({ succeeded: 2 });
  });

  it("removes a namespace with the pods in it", async () => {
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "pod", namespace: namespace.name } };
    await api.create({ ...pod, spec: { terminationGracePeriodSeconds: 1, containers: [container] } });
    await api.waitFor<KubeObject>(await api.pathOf(pod), (object) => hasCondition(object, "Ready"), {
      seconds: 30,
      what: "the pod to be ready",
    });
    await namespace.remove();
    const path = `/api/v1/namespaces/${namespace.name}`;
    await api.waitUntilGone(path, { seconds: 60, what: "the namespace to go" });
    expect(await api.find(path)).toBeUndefined();
  });

  it("refuses fields that do not exist, in the server's words", async () => {
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: namespace.name },
      datum: {},
    };
    const path = `/api/v1/namespaces/${namespace.name}/configmaps`;
    const query = "fieldManager=plinth-e2e&fieldValidation=Strict";
    await expect(api.create(object)).rejects.toThrow(
      `POST ${path}?${query}: 400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "datum"`,
    );
    const refused = await api.apply(object).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ method: "PATCH", path: `${path}/a?${query}&force=true` });
    expect((refused as ApiError).reason).toContain("datum");
  });

  it("keeps what other managers applied", async () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: namespace.name } };
    await api.apply({ ...object, data: { one: "1" } }, { manager: "first" });
    const applied = await api.apply({ ...object, data: { two: "2" } }, { manager: "second" });
    expect(applied.data).toEqual({ one: "1", two: "2" });
  });

  it("has no kind whose definition is not installed", async () => {
    const object = { apiVersion: "test.plinth.dev/v1", kind: "Nothing", metadata: { name: "a" } };
    await expect(api.create(object)).rejects.toThrow(
      "the API server has no Nothing of test.plinth.dev/v1; is its CustomResourceDefinition installed?",
    );
  });
});
