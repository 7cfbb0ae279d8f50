import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { formatLock, LOCK_FILE } from "../../core/image-lock.js";
import { ExistingCluster } from "../../platform/existing-cluster.js";
import { memoryPlatform } from "../../platform/memory-platform.js";
import { GpuPlacement, ModelArtifact } from "../../platform/refs.js";
import { messageOf, one, record } from "../fixtures/record.js";
import type { InferenceEndpointArgs } from "./args.js";
import { engine } from "./engine.js";
import { InferenceEndpoint } from "./inference-endpoint.js";
import { rollout } from "./rollout.js";

const digest = `sha256:${"a".repeat(64)}`;
const model = ModelArtifact.from({ uri: "https://models.example.com/fraud/7", version: "7", digest });

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SERVICE = "kubernetes:core/v1:Service";
const PDB = "kubernetes:policy/v1:PodDisruptionBudget";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap";

function triton(more: Partial<InferenceEndpointArgs> = {}) {
  return record(
    () => new InferenceEndpoint("fraud", { platform: memoryPlatform(), model, engine: engine.triton(), ...more }),
  );
}

test("an endpoint is a Deployment, Service, ServiceAccount, NetworkPolicy and download program, all named <name>-endpoint", async () => {
  const recorded = await triton();
  expect(recorded.map(({ type, name }) => `${type} ${name}`).sort()).toEqual([
    "kubernetes:apps/v1:Deployment fraud-endpoint",
    "kubernetes:core/v1:ConfigMap fraud-endpoint-fetch",
    "kubernetes:core/v1:Service fraud-endpoint",
    "kubernetes:core/v1:ServiceAccount fraud-endpoint",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy fraud-endpoint",
    "plinth:index:InferenceEndpoint fraud",
    "pulumi:providers:kubernetes memory",
  ]);
  expect(one(recorded, DEPLOYMENT).metadata).toMatchObject({ name: "fraud-endpoint", namespace: "ml" });
});

test("two pods get a PodDisruptionBudget that lets one go at a time, one pod gets none", async () => {
  const two = await triton({ scale: { min: 2 } });
  expect(one(two, PDB).spec).toEqual({
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: {
      matchLabels: { "app.kubernetes.io/name": "inference-endpoint", "app.kubernetes.io/instance": "fraud" },
    },
  });
  expect((await triton()).some(({ type }) => type === PDB)).toBe(false);
});

test("production has two pods unless told otherwise, other environments one", async () => {
  const replicas = async (environment: "production" | "staging") => {
    const recorded = await record(
      () =>
        new InferenceEndpoint("fraud", { platform: memoryPlatform({ environment }), model, engine: engine.triton() }),
    );
    return one(recorded, DEPLOYMENT).spec.replicas;
  };
  expect([await replicas("production"), await replicas("staging")]).toEqual([2, 1]);
});

test("a rollout with GPUs stops one pod before it starts the next, so that it ends on a full pool", async () => {
  const gpu = GpuPlacement.fromNodes({ gpus: 1 });
  const strategy = async (more: Partial<InferenceEndpointArgs>) => one(await triton(more), DEPLOYMENT).spec.strategy;
  expect(await strategy({ gpu })).toEqual({ type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
  expect(await strategy({})).toEqual({ type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  expect(await strategy({ gpu, rollout: rollout.rolling({ surge: 2 }) })).toMatchObject({
    rollingUpdate: { maxSurge: 2, maxUnavailable: 0 },
  });
});

test("the pod asks for its GPUs on the nodes of the placement and tolerates their taint", async () => {
  const recorded = await triton({ gpu: GpuPlacement.fromNodes({ gpus: 2, nodeSelector: { pool: "a" } }) });
  const pod = one(recorded, DEPLOYMENT).spec.template.spec;
  expect(pod.nodeSelector).toEqual({ pool: "a", "kubernetes.io/arch": "amd64" });
  expect(pod.tolerations).toEqual([{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }]);
  expect(pod.containers[0].resources).toEqual({
    requests: { cpu: "4", memory: "16Gi", "ephemeral-storage": "24Gi", "nvidia.com/gpu": "2" },
    limits: { memory: "16Gi", "nvidia.com/gpu": "2" },
  });
});

test("the init container downloads the pinned model before the server starts, and both satisfy the restricted standard", async () => {
  const recorded = await triton({ download: { env: { AWS_ENDPOINT_URL: "https://s3.example.com" }, disk: "30Gi" } });
  const pod = one(recorded, DEPLOYMENT).spec.template.spec;
  const [fetch] = pod.initContainers;
  expect(fetch.command).toEqual(["node", "/opt/plinth/fetch.mjs"]);
  expect(fetch.args).toEqual([
    "--uri",
    "https://models.example.com/fraud/7",
    "--digest",
    digest,
    "--into",
    "/mnt/models/fraud",
  ]);
  expect(fetch.image).toMatch(/^docker\.io\/library\/node:.*@sha256:[0-9a-f]{64}$/);
  expect(fetch.env).toEqual([{ name: "AWS_ENDPOINT_URL", value: "https://s3.example.com" }]);
  const config = one(recorded, CONFIG_MAP);
  expect(config.immutable).toBe(true);
  expect(config.metadata.name).toMatch(/^fraud-endpoint-fetch-[0-9a-f]{8}$/);
  expect(Object.keys(config.data)).toEqual(["fetch.mjs"]);
  expect(pod.volumes).toEqual([
    { name: "tmp", emptyDir: { sizeLimit: "4Gi" } },
    { name: "model", emptyDir: { sizeLimit: "30Gi" } },
    { name: "fetch", configMap: { name: config.metadata.name, defaultMode: 0o444 } },
    { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
  ]);
  expect(pod.automountServiceAccountToken).toBe(false);
  expect(pod.securityContext).toEqual({
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  });
  for (const container of [fetch, pod.containers[0]]) {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
  }
});

test.each([
  { chosen: engine.triton(), ready: "/v2/health/ready", live: "/v2/health/live", port: 8000, grace: 75 },
  { chosen: engine.vllm(), ready: "/health", live: "/health", port: 8000, grace: 150 },
  {
    chosen: engine.custom({
      image: "registry.example.com/app:1",
      port: 9000,
      readinessPath: "/ready",
      livenessPath: "/live",
      drain: "1m",
    }),
    ready: "/ready",
    live: "/live",
    port: 9000,
    grace: 90,
  },
])("$chosen.kind is probed at its own paths and gets time to drain", async ({ chosen, ready, live, port, grace }) => {
  const recorded = await triton({ engine: chosen, gpu: GpuPlacement.fromNodes(), startup: "10m" });
  const pod = one(recorded, DEPLOYMENT).spec.template.spec;
  const [server] = pod.containers;
  expect(server.startupProbe).toEqual({
    httpGet: { path: ready, port: "http" },
    timeoutSeconds: 5,
    periodSeconds: 10,
    failureThreshold: 60,
  });
  expect(server.readinessProbe.httpGet.path).toBe(ready);
  expect(server.livenessProbe.httpGet.path).toBe(live);
  expect(server.lifecycle).toEqual({ preStop: { sleep: { seconds: 15 } } });
  expect(pod.terminationGracePeriodSeconds).toBe(grace);
  expect(one(recorded, SERVICE).spec.ports[0]).toEqual({ name: "http", port, targetPort: "http", protocol: "TCP" });
  expect(one(recorded, DEPLOYMENT).spec.progressDeadlineSeconds).toBe(600 + 900);
});

test("vLLM serves the downloaded folder under the endpoint's name on all of its GPUs and asks the network for nothing", async () => {
  const recorded = await triton({
    engine: engine.vllm({ maxModelLength: 4096 }),
    gpu: GpuPlacement.fromNodes({ gpus: 4 }),
  });
  const [server] = one(recorded, DEPLOYMENT).spec.template.spec.containers;
  expect([...server.command, ...server.args]).toEqual([
    "vllm",
    "serve",
    "/mnt/models/fraud",
    "--served-model-name=fraud",
    "--port=8000",
    "--shutdown-timeout=120",
    "--tensor-parallel-size=4",
    "--max-model-len=4096",
  ]);
  expect(server.env).toEqual([
    { name: "HF_HUB_OFFLINE", value: "1" },
    { name: "HOME", value: "/tmp" },
    { name: "VLLM_NO_USAGE_STATS", value: "1" },
  ]);
});

test("only pods of its namespace, named clients and Prometheus get in", async () => {
  const platform = () => memoryPlatform({ addons: { prometheus: { url: "http://prometheus.monitoring:9090" } } });
  const recorded = await record(
    () =>
      new InferenceEndpoint("fraud", {
        platform: platform(),
        model,
        engine: engine.triton(),
        network: { clients: ["checkout"] },
      }),
  );
  expect(one(recorded, POLICY).spec.ingress).toEqual([
    {
      from: [
        { podSelector: {} },
        { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "checkout" } } },
      ],
      ports: [
        { protocol: "TCP", port: 8000 },
        { protocol: "TCP", port: 8001 },
      ],
    },
    {
      from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
      ports: [{ protocol: "TCP", port: 8002 }],
    },
  ]);
});

test("the URL is known before deployment", async () => {
  let url: unknown;
  await record(() => {
    const endpoint = new InferenceEndpoint("fraud", { platform: memoryPlatform(), model, engine: engine.triton() });
    endpoint.url.apply((value) => {
      url = value;
    });
  });
  expect(url).toBe("http://fraud-endpoint.ml.svc:8000");
});

test("an existing ServiceAccount is used and none is made", async () => {
  const recorded = await triton({ serviceAccount: "models" });
  expect(recorded.some(({ type }) => type === "kubernetes:core/v1:ServiceAccount")).toBe(false);
  expect(one(recorded, DEPLOYMENT).spec.template.spec.serviceAccountName).toBe("models");
});

test("on arm64 nodes the image is named by its tag, since its digest is for amd64", async () => {
  const node = {
    machine: "arm-gpu",
    gpus: 1,
    gpuMemoryMiB: 16_384,
    cpu: "8",
    memory: "30Gi",
    disk: "200Gi",
    architecture: "arm64",
  } as const;
  const recorded = await triton({ gpu: { ...GpuPlacement.fromNodes(), node } });
  const pod = one(recorded, DEPLOYMENT).spec.template.spec;
  expect(pod.containers[0].image).toBe("nvcr.io/nvidia/tritonserver:26.07-py3");
  expect(pod.nodeSelector).toEqual({ "nvidia.com/gpu.present": "true" });
});

test("secrets are referenced by name and never copied", async () => {
  const recorded = await triton({ env: { B: "2", A: "1" }, secrets: { TOKEN: { name: "keys", key: "token" } } });
  const [server] = one(recorded, DEPLOYMENT).spec.template.spec.containers;
  expect(server.env).toEqual([
    { name: "A", value: "1" },
    { name: "B", value: "2" },
    { name: "HOME", value: "/tmp" },
    { name: "TOKEN", valueFrom: { secretKeyRef: { name: "keys", key: "token" } } },
  ]);
});

const small = {
  machine: "one-gpu",
  gpus: 1,
  gpuMemoryMiB: 1,
  cpu: "3920m",
  memory: "14Gi",
  disk: "200Gi",
  architecture: "amd64",
} as const;

test.each<[string, Partial<InferenceEndpointArgs>, string[]]>([
  ["vLLM without GPUs", { engine: engine.vllm() }, ["gpu: is required: the vllm engine needs GPUs"]],
  ["Triton without a model", { model: undefined as never }, ["model: is required: the triton engine serves a model"]],
  [
    "a model that is not pinned",
    { model: { uri: "ftp://x", version: "7", digest: "latest" } },
    ['model.uri: "ftp://x" is not allowed', 'model.digest: "latest" is not allowed'],
  ],
  [
    "more pods than the pool can hold",
    { gpu: { ...GpuPlacement.fromNodes(), maxPods: 2 }, scale: { min: 3 } },
    ["scale.min: 3 is not allowed; the GPU pool can grow to hold 2 such pods"],
  ],
  [
    "a surge that never fits",
    { gpu: { ...GpuPlacement.fromNodes(), maxPods: 2 }, scale: { min: 2 }, rollout: rollout.rolling({ surge: 1 }) },
    ["rollout.surge: 1 is not allowed; 2 pods and 1 more do not fit"],
  ],
  [
    "more memory than a machine has",
    { gpu: { ...GpuPlacement.fromNodes(), node: small }, resources: { memory: "64Gi", cpu: "8" } },
    [
      "resources.cpu: 8 is not allowed; one one-gpu offers 3920m",
      "resources.memory: 64Gi is not allowed; one one-gpu offers 14Gi",
    ],
  ],
  [
    "autoscaling",
    { scale: { min: 1, max: 4 } },
    ["scale.max: 4 is not allowed; it must equal min: this version makes a fixed number of pods"],
  ],
  [
    "two owners of the pods' rights",
    { role: "arn:aws:iam::1:role/x", serviceAccount: "models" },
    ["role: cannot be given with serviceAccount"],
  ],
  [
    "a variable given twice",
    { env: { A: "1" }, secrets: { A: { name: "s", key: "k" } } },
    ["secrets.A: is also in env"],
  ],
  [
    "a role where there are no identities",
    { role: "arn:aws:iam::1:role/x" },
    ["role: needs cloud identities for pods, which MemoryPlatform"],
  ],
])("%s is refused with the reason", async (_, more, expected) => {
  await record(() => {
    const message = messageOf(
      () => new InferenceEndpoint("fraud", { platform: memoryPlatform(), model, engine: engine.triton(), ...more }),
    );
    expect(message).toContain('InferenceEndpoint "fraud" has');
    for (const text of expected) expect(message).toContain(text);
  });
});

test("an unknown argument is refused by name", async () => {
  await record(() => {
    const args = { platform: memoryPlatform(), model, engine: engine.triton(), hostname: "fraud.example.com" };
    expect(messageOf(() => new InferenceEndpoint("fraud", args))).toContain("hostname");
  });
});

test("a model address known only later leaves every other field known", async () => {
  const later = ModelArtifact.from({
    uri: pulumi.output(Promise.resolve("https://models.example.com/x/1")),
    version: "1",
    digest,
  });
  const recorded = await triton({ model: later });
  expect(one(recorded, DEPLOYMENT).spec.template.spec.initContainers[0].args[1]).toBe("https://models.example.com/x/1");
});

test("on an ExistingCluster everything goes through the cluster's own provider, and the kubeconfig is a secret", async () => {
  const recorded = await record(() => {
    const platform = new ExistingCluster("c", { kubeconfig: "the-kubeconfig", namespace: "models" });
    return new InferenceEndpoint("fraud", { platform, model, engine: engine.triton() });
  });
  expect(one(recorded, "pulumi:providers:kubernetes").kubeconfig).toEqual({
    $secret: expect.stringMatching(/\.kubeconfig$/),
  });
  expect(one(recorded, DEPLOYMENT).metadata.namespace).toBe("models");
});

test("isInstance tells an endpoint from other components", async () => {
  await record(() => {
    const platform = memoryPlatform();
    const endpoint = new InferenceEndpoint("fraud", { platform, model, engine: engine.triton() });
    expect([
      InferenceEndpoint.isInstance(endpoint),
      InferenceEndpoint.isInstance(platform),
      InferenceEndpoint.isInstance(undefined),
    ]).toEqual([true, false, false]);
  });
});

test("whatever the arguments, selectors match the pods, ports match the container and a rollout can go on", async () => {
  const arbitrary = fc.record({
    name: fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,80}$/),
    chosen: fc.constantFrom(
      engine.triton(),
      engine.vllm(),
      engine.custom({ image: "app:1", port: 9000, readinessPath: "/r", metrics: { port: 9100 } }),
    ),
    gpus: fc.integer({ min: 1, max: 8 }),
    min: fc.integer({ min: 1, max: 9 }),
    surge: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ name, chosen, gpus, min, surge }) => {
      const recorded = await record(
        () =>
          new InferenceEndpoint(name, {
            platform: memoryPlatform(),
            model,
            engine: chosen,
            gpu: GpuPlacement.fromNodes({ gpus }),
            scale: { min },
            rollout: surge === undefined ? rollout.rolling() : rollout.rolling({ surge }),
          }),
      );
      const { spec } = one(recorded, DEPLOYMENT);
      const service = one(recorded, SERVICE);
      const labels = spec.template.metadata.labels;
      for (const selector of [
        spec.selector.matchLabels,
        service.spec.selector,
        one(recorded, POLICY).spec.podSelector.matchLabels,
      ]) {
        expect(labels).toMatchObject(selector);
      }
      const named = spec.template.spec.containers[0].ports.map((port: { name: string }) => port.name);
      expect(service.spec.ports.map((port: { targetPort: string }) => port.targetPort)).toEqual(named);
      const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate;
      expect(maxSurge + maxUnavailable).toBeGreaterThan(0);
      for (const { inputs } of recorded)
        if (inputs.metadata) expect(inputs.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }),
    { numRuns: 30 },
  );
});

test("images without a digest get that of the program's lock file, plain and late ones alike", async () => {
  const folder = mkdtempSync(join(tmpdir(), "plinth-program-"));
  const cwd = vi.spyOn(process, "cwd").mockReturnValue(folder);
  try {
    const entry = { digest, mediaType: "application/vnd.oci.image.index.v1+json" };
    const images = { "acme/server:1": entry, "acme/fetch:1": entry };
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
    writeFileSync(join(folder, LOCK_FILE), formatLock({ version: 1, images, charts: {} }));
    const recorded = await triton({
      engine: engine.triton({ image: pulumi.output("acme/server:1") }),
      download: { image: "acme/fetch:1" },
    });
    const { containers, initContainers } = one(recorded, DEPLOYMENT).spec.template.spec;
    expect([containers[0].image, initContainers[0].image]).toEqual([
      `acme/server:1@${digest}`,
      `acme/fetch:1@${digest}`,
    ]);
  } finally {
    cwd.mockRestore();
    rmSync(folder, { recursive: true });
  }
});
