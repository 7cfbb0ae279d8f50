import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, engine, GpuNodePool, InferenceEndpoint, ModelArtifact, rollout } from "plinth";
import { EksPlatform } from "plinth/aws";

const config = new pulumi.Config();
const environment = config.require<Environment>("environment");

const platform = new EksPlatform("ml", {
  cluster: config.require("cluster"),
  region: new pulumi.Config("aws").require("region"),
  kubernetesVersion: "1.34",
  environment,
  namespace: "fraud",
  tags: { team: "risk" },
  addons: { prometheus: { url: "http://prometheus.monitoring:9090" } },
});

// Plinth never makes a namespace: this one is ours, and it goes with everything in it.
const namespace = new k8s.core.v1.Namespace(
  "fraud",
  { metadata: { name: "fraud", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
  { provider: platform.provider },
);

// The models lie in a bucket of our own, which takes no request that is not encrypted. Production's cannot be destroyed.
const models = new aws.s3.Bucket("models", {}, { protect: environment === "production" });

new aws.s3.BucketVersioning("models", { bucket: models.bucket, versioningConfiguration: { status: "Enabled" } });

new aws.s3.BucketPublicAccessBlock("models", {
  bucket: models.bucket,
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
});

new aws.s3.BucketPolicy("models", {
  bucket: models.bucket,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        sid: "OnlyEncryptedTransport",
        effect: "Deny",
        principals: [{ type: "*", identifiers: ["*"] }],
        actions: ["s3:*"],
        resources: [models.arn, pulumi.interpolate`${models.arn}/*`],
        conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
      },
    ],
  }).json,
});

const serving = new GpuNodePool("serving", { platform, machine: "g6.xlarge", maxNodes: 8 });

// For notebooks and experiments: spot machines first, and none when nobody works.
new GpuNodePool("workbench", { platform, machine: "g6.2xlarge", maxNodes: 2, capacity: ["spot", "on-demand"] });

// Whatever is deployed here never takes more GPUs than the pool for serving has.
const quota = new k8s.core.v1.ResourceQuota(
  "fraud-gpus",
  { metadata: { name: "gpus", namespace: "fraud" }, spec: { hard: { "requests.nvidia.com/gpu": "8" } } },
  { provider: platform.provider, dependsOn: namespace },
);

const auditKey = new k8s.core.v1.Secret(
  "fraud-audit",
  { metadata: { name: "fraud-audit", namespace: "fraud" }, stringData: { key: config.requireSecret("auditKey") } },
  { provider: platform.provider, dependsOn: namespace },
);

const { version, digest } = config.requireObject<{ version: string; digest: string }>("model");

const fraud = new InferenceEndpoint(
  "fraud",
  {
    platform,
    model: ModelArtifact.from({ uri: pulumi.interpolate`s3://${models.bucket}/fraud/${version}`, version, digest }),
    engine: engine.triton(),
    gpu: serving.place({ gpus: 1 }),
    scale: { min: config.requireNumber("minPods") },
    rollout: rollout.rolling(),
    secrets: { AUDIT_KEY: { name: auditKey.metadata.name, key: "key" } },
    network: { clients: ["checkout"] },
  },
  { dependsOn: [namespace, quota] },
);

// How our other programs find the endpoint.
new k8s.core.v1.ConfigMap(
  "fraud-client",
  { metadata: { name: "fraud-client", namespace: "fraud" }, data: { FRAUD_URL: fraud.url, MODEL_VERSION: version } },
  { provider: platform.provider, dependsOn: namespace },
);

export const url = fraud.url;
export const bucket = models.bucket;
