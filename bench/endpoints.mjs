// 200 InferenceEndpoints by Plinth beside the same resources written by hand in Pulumi, both through `plinth preview`.
// Counts and types of the two graphs must be equal. Memory is the peak of the program's own process.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare, printRatio, runNode } from "./measure.mjs";

const quick = process.argv.includes("--quick");
const runs = quick ? 1 : 7;
const count = quick ? 20 : 200;
const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "dist", "cli", "main.js");
const folder = join(root, "node_modules", ".cache", "bench-endpoints");

const REPORT_MEMORY = `process.on("exit", () => require("node:fs").writeFileSync(__dirname + "/memory", String(process.resourceUsage().maxRSS)));\n`;

const PLINTH = `${REPORT_MEMORY}
const { engine, ExistingCluster, GpuPlacement, InferenceEndpoint, ModelArtifact, rollout } = require("plinth");
const platform = new ExistingCluster("edge", { kubeconfig: "{}", environment: "production", namespace: "models" });
for (let i = 0; i < ${count}; i++) {
  new InferenceEndpoint("m" + i, {
    platform,
    model: ModelArtifact.from({ uri: "https://models.example.com/m/1", version: "1", digest: "sha256:" + "0".repeat(64) }),
    engine: engine.triton(),
    gpu: GpuPlacement.fromNodes({ gpus: 1 }),
    scale: { min: 2 },
    rollout: rollout.rolling(),
  });
}
`;

// What a team writes without Plinth: the same objects, one component for each endpoint, every value in place.
const BY_HAND = `${REPORT_MEMORY}
const pulumi = require("@pulumi/pulumi");
const { readFileSync } = require("node:fs");
const { Provider } = require("@pulumi/kubernetes/provider.js");
const { Deployment } = require("@pulumi/kubernetes/apps/v1/deployment.js");
const { ConfigMap } = require("@pulumi/kubernetes/core/v1/configMap.js");
const { Service } = require("@pulumi/kubernetes/core/v1/service.js");
const { ServiceAccount } = require("@pulumi/kubernetes/core/v1/serviceAccount.js");
const { NetworkPolicy } = require("@pulumi/kubernetes/networking/v1/networkPolicy.js");
const { PodDisruptionBudget } = require("@pulumi/kubernetes/policy/v1/podDisruptionBudget.js");
class Cluster extends pulumi.ComponentResource {
  constructor(name) {
    super("plinth:index:ExistingCluster", name, {});
    this.provider = new Provider(name, { kubeconfig: pulumi.secret("{}") }, { parent: this });
    this.registerOutputs({});
  }
}
const bundle = readFileSync(${JSON.stringify(join(root, "dist", "runtime", "bundle", "fetch.mjs"))}, "utf8");
class Endpoint extends pulumi.ComponentResource {
  constructor(name, provider) {
    super("plinth:index:InferenceEndpoint", name, { version: "1" });
    const id = name + "-endpoint";
    const selector = { "app.kubernetes.io/name": "inference-endpoint", "app.kubernetes.io/instance": name };
    const labels = { ...selector, "app.kubernetes.io/component": "server", "app.kubernetes.io/version": "1", "app.kubernetes.io/part-of": name, "app.kubernetes.io/managed-by": "pulumi" };
    const metadata = { name: id, namespace: "models", labels };
    const child = { parent: this, provider };
    const locked = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ["ALL"] } };
    const account = new ServiceAccount(id, { metadata, automountServiceAccountToken: false }, child);
    const program = new ConfigMap(id + "-fetch", { metadata: { ...metadata, name: id + "-fetch" }, immutable: true, data: { "fetch.mjs": bundle } }, child);
    const network = new NetworkPolicy(id, { metadata, spec: {
      podSelector: { matchLabels: selector }, policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }], ports: [8000, 8001].map((port) => ({ port, protocol: "TCP" })) }],
      egress: [
        { to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }], ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }] },
        { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }], ports: [{ port: 443, protocol: "TCP" }] },
      ],
    } }, child);
    const probe = (path, extra) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 5, failureThreshold: 3, ...extra });
    new Deployment(id, { metadata, spec: {
      replicas: 2, revisionHistoryLimit: 3, minReadySeconds: 10, progressDeadlineSeconds: 2700,
      selector: { matchLabels: selector }, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: { metadata: { labels, annotations: { "plinth.dev/model-uri": "https://models.example.com/m/1", "plinth.dev/model-version": "1" } }, spec: {
        serviceAccountName: id, automountServiceAccountToken: false, enableServiceLinks: false, terminationGracePeriodSeconds: 75,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, fsGroupChangePolicy: "OnRootMismatch", seccompProfile: { type: "RuntimeDefault" } },
        nodeSelector: { "nvidia.com/gpu.present": "true" },
        tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
        topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({ maxSkew: 1, topologyKey, whenUnsatisfiable: "ScheduleAnyway", labelSelector: { matchLabels: selector }, matchLabelKeys: ["pod-template-hash"] })),
        volumes: [
          { name: "tmp", emptyDir: { sizeLimit: "4Gi" } }, { name: "model", emptyDir: { sizeLimit: "20Gi" } },
          { name: "fetch", configMap: { name: id + "-fetch", defaultMode: 292 } }, { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
        ],
        initContainers: [{
          name: "fetch-model", image: "docker.io/library/node:24.21.0-bookworm-slim", command: ["node", "/opt/plinth/fetch.mjs"],
          args: ["--uri", "https://models.example.com/m/1", "--digest", "sha256:" + "0".repeat(64), "--into", "/mnt/models/" + name],
          resources: { requests: { cpu: "500m", memory: "256Mi", "ephemeral-storage": "20Gi" }, limits: { memory: "512Mi" } }, securityContext: locked,
          volumeMounts: [{ name: "fetch", mountPath: "/opt/plinth", readOnly: true }, { name: "model", mountPath: "/mnt/models" }, { name: "tmp", mountPath: "/tmp" }],
        }],
        containers: [{
          name: "server", image: "nvcr.io/nvidia/tritonserver:26.07-py3", command: ["tritonserver"],
          args: ["--model-repository=/mnt/models", "--strict-readiness=true", "--exit-on-error=true", "--http-port=8000", "--grpc-port=8001", "--metrics-port=8002"],
          env: [{ name: "HOME", value: "/tmp" }],
          ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }, { name: "grpc", containerPort: 8001, protocol: "TCP" }, { name: "metrics", containerPort: 8002, protocol: "TCP" }],
          startupProbe: probe("/v2/health/ready", { periodSeconds: 10, failureThreshold: 180 }),
          readinessProbe: probe("/v2/health/ready", { periodSeconds: 5 }), livenessProbe: probe("/v2/health/live", { periodSeconds: 10 }),
          lifecycle: { preStop: { sleep: { seconds: 15 } } },
          resources: { requests: { cpu: "2", memory: "8Gi", "nvidia.com/gpu": "1" }, limits: { memory: "8Gi", "nvidia.com/gpu": "1" } }, securityContext: locked,
          volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, { name: "model", mountPath: "/mnt/models", readOnly: true }, { name: "shared-memory", mountPath: "/dev/shm" }],
        }],
      } },
    } }, { ...child, dependsOn: [account, program, network], customTimeouts: { create: "45m", update: "90m" } });
    new Service(id, { metadata, spec: { type: "ClusterIP", selector, ports: ["http", "grpc", "metrics"].map((port, index) => ({ name: port, port: 8000 + index, targetPort: port, protocol: "TCP" })) } }, child);
    new PodDisruptionBudget(id, { metadata, spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: selector } } }, child);
    this.url = pulumi.output("http://" + id + ".models.svc:8000");
    this.registerOutputs({ url: this.url });
  }
}
const cluster = new Cluster("edge");
for (let i = 0; i < ${count}; i++) new Endpoint("m" + i, cluster.provider);
`;

try {
  const plinth = project("plinth", PLINTH);
  const byHand = project("by-hand", BY_HAND);
  const types = [await preview(plinth), await preview(byHand)].map(({ stdout }) => countTypes(JSON.parse(stdout)));
  if (types[0] !== types[1]) throw new Error(`the two programs differ:\n${types[0]}\n${types[1]}`);
  const medians = await compare({ plinth: () => preview(plinth), "by hand": () => preview(byHand) }, runs);
  printRatio(`${count} InferenceEndpoints, median of ${runs}`, medians, "time and memory <= 1.15x");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function project(name, text) {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
  writeFileSync(join(path, "Pulumi.dev.yaml"), "config: {}\n");
  writeFileSync(join(path, "package.json"), JSON.stringify({ name, private: true, main: "index.js" }));
  writeFileSync(join(path, "index.js"), text);
  return path;
}

async function preview(path) {
  const run = await runNode([cli, "preview", path, "--stack", "dev", "--format", "json"]);
  return { ...run, megabytes: Number(readFileSync(join(path, "memory"), "utf8")) / 1024 };
}

function countTypes({ nodes }) {
  const counts = new Map();
  for (const { type } of nodes) counts.set(type, (counts.get(type) ?? 0) + 1);
  return JSON.stringify([...counts].sort());
}
