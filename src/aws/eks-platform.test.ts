import { Cluster } from "@pulumi/aws/eks/cluster.js";
import { Provider as AwsProvider } from "@pulumi/aws/provider.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { messageOf, one, record } from "../constructs/fixtures/record.js";
import { GpuNodePool } from "../constructs/gpu-node-pool/gpu-node-pool.js";
import { engine } from "../constructs/inference-endpoint/engine.js";
import { InferenceEndpoint } from "../constructs/inference-endpoint/inference-endpoint.js";
import { ModelArtifact } from "../platform/refs.js";
import { EksPlatform, type EksPlatformArgs } from "./eks-platform.js";
import { partitionOf } from "./partition.js";
import { parseS3Uri, podTrustPolicy, readPolicy } from "./pod-identity.js";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const digest = `sha256:${"b".repeat(64)}`;

function platform(more: Partial<EksPlatformArgs> = {}, opts?: pulumi.ComponentResourceOptions): EksPlatform {
  const args: EksPlatformArgs = {
    cluster: "prod",
    region: "eu-west-1",
    namespace: "fraud",
    tags: { team: "risk" },
    ...more,
  };
  return new EksPlatform("prod", args, opts);
}

test("a named cluster is looked up, and its kubeconfig asks for a token and holds no credentials", async () => {
  const recorded = await record(() => platform({ accessRole: "arn:aws:iam::123456789012:role/deploy" }));
  expect(JSON.parse(one(recorded, "pulumi:providers:kubernetes").kubeconfig)).toEqual({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "prod", cluster: { server: "https://eks.example.com", "certificate-authority-data": "Q0E=" } }],
    users: [
      {
        name: "prod",
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args: [
              "--region",
              "eu-west-1",
              "eks",
              "get-token",
              "--cluster-name",
              "prod",
              "--output",
              "json",
              "--role-arn",
              "arn:aws:iam::123456789012:role/deploy",
            ],
            interactiveMode: "IfAvailable",
          },
        },
      },
    ],
    contexts: [{ name: "prod", context: { cluster: "prod", user: "prod" } }],
    "current-context": "prod",
  });
});

test("a cluster of the same program, or its Outputs, is taken without a look-up", async () => {
  const outputs = {
    name: "other",
    endpoint: pulumi.output("https://a"),
    certificateAuthority: pulumi.output({ data: "YQ==" }),
  };
  const recorded = await record(() => platform({ cluster: outputs }));
  expect(JSON.parse(one(recorded, "pulumi:providers:kubernetes").kubeconfig).clusters).toEqual([
    { name: "other", cluster: { server: "https://a", "certificate-authority-data": "YQ==" } },
  ]);
  await record(() => {
    const cluster = new Cluster("made", { roleArn: "arn:aws:iam::1:role/c", vpcConfig: { subnetIds: ["subnet-x"] } });
    expect(EksPlatform.isInstance(platform({ cluster }))).toBe(true);
  });
});

test("a pool is one managed node group for each capacity, on encrypted disks, with a driver image and no hop for IMDS", async () => {
  const recorded = await record(
    () =>
      new GpuNodePool("train", {
        platform: platform({ kubernetesVersion: "1.34" }),
        machine: "g6.2xlarge",
        minNodes: 1,
        maxNodes: 4,
        capacity: ["spot", "on-demand"],
      }),
  );
  const group = one(recorded, NODE_GROUP, "train-pool-spot");
  expect(group).toMatchObject({
    region: "eu-west-1",
    clusterName: "prod",
    subnetIds: ["subnet-a", "subnet-b"],
    amiType: "AL2023_x86_64_NVIDIA",
    capacityType: "SPOT",
    instanceTypes: ["g6.2xlarge"],
    version: "1.34",
    launchTemplate: { id: { $unknown: expect.stringMatching(/LaunchTemplate::train-pool$/) }, version: "1" },
    scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 1 },
    updateConfig: { maxUnavailable: 1, updateStrategy: "MINIMAL" },
    taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" }],
    labels: {
      "plinth.dev/gpu-pool": "fraud.train",
      "plinth.dev/gpu": "l4",
      "nvidia.com/gpu.present": "true",
      "k8s.amazonaws.com/accelerator": "nvidia-l4",
    },
  });
  expect(group.diskSize).toBeUndefined();
  expect(one(recorded, NODE_GROUP, "train-pool-on-demand")).toMatchObject({
    capacityType: "ON_DEMAND",
    scalingConfig: { minSize: 0, maxSize: 4, desiredSize: 0 },
  });
  expect(one(recorded, "aws:ec2/launchTemplate:LaunchTemplate")).toMatchObject({
    blockDeviceMappings: [
      {
        deviceName: "/dev/xvda",
        ebs: { volumeType: "gp3", volumeSize: 200, encrypted: "true", deleteOnTermination: "true" },
      },
    ],
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
  });
});

test("Cluster Autoscaler can start the first node: node group and Auto Scaling group carry the same template tags", async () => {
  const recorded = await record(
    () => new GpuNodePool("train", { platform: platform(), machine: "g6.xlarge", maxNodes: 4 }),
  );
  const template = {
    "k8s.io/cluster-autoscaler/node-template/label/plinth.dev/gpu-pool": "fraud.train",
    "k8s.io/cluster-autoscaler/node-template/label/plinth.dev/gpu": "l4",
    "k8s.io/cluster-autoscaler/node-template/label/nvidia.com/gpu.present": "true",
    "k8s.io/cluster-autoscaler/node-template/label/k8s.amazonaws.com/accelerator": "nvidia-l4",
    "k8s.io/cluster-autoscaler/node-template/taint/nvidia.com/gpu": "present:NoSchedule",
    "k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage": "200Gi",
  };
  expect(one(recorded, NODE_GROUP).tags).toEqual({ team: "risk", ...template });
  const tags = recorded.filter(({ type }) => type === "aws:autoscaling/tag:Tag").map(({ inputs }) => inputs);
  expect(Object.fromEntries(tags.map(({ tag }) => [tag.key, tag.value]))).toEqual(template);
  expect(new Set(tags.map(({ autoscalingGroupName }) => autoscalingGroupName))).toEqual(
    new Set(["train-pool-on-demand-asg"]),
  );
});

test("arm64 machines get the arm64 image", async () => {
  const recorded = await record(
    () => new GpuNodePool("p", { platform: platform(), machine: "g5g.xlarge", maxNodes: 1 }),
  );
  expect(one(recorded, NODE_GROUP).amiType).toBe("AL2023_ARM_64_NVIDIA");
});

test("an existing node role is used; otherwise one is made within the permissions boundary", async () => {
  const nodeRole = "arn:aws:iam::123456789012:role/nodes";
  const given = await record(
    () => new GpuNodePool("p", { platform: platform({ nodeRole }), machine: "g6.xlarge", maxNodes: 1 }),
  );
  expect(one(given, NODE_GROUP).nodeRoleArn).toBe(nodeRole);
  expect(given.some(({ type }) => type === "aws:iam/role:Role")).toBe(false);

  const permissionsBoundary = "arn:aws:iam::123456789012:policy/boundary";
  const made = await record(
    () => new GpuNodePool("p", { platform: platform({ permissionsBoundary }), machine: "g6.xlarge", maxNodes: 1 }),
  );
  expect(one(made, "aws:iam/role:Role")).toMatchObject({ name: "shop-dev-p-pool-node", permissionsBoundary });
  const attached = made.filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment");
  expect(attached.map(({ inputs }) => inputs.policyArn)).toEqual([
    "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
  ]);
});

test("a cluster given without subnets needs them for a pool", async () => {
  await record(() => {
    const cluster = { name: "c", endpoint: "https://a", certificateAuthority: { data: "YQ==" } };
    const action = () => new GpuNodePool("p", { platform: platform({ cluster }), machine: "g6.xlarge", maxNodes: 1 });
    expect(messageOf(action)).toContain("subnets: is required");
  });
});

test("an endpoint's pods may read their own model and nothing else, by an identity of their own", async () => {
  const recorded = await record(
    () =>
      new InferenceEndpoint("fraud", {
        platform: platform({ decryptionKeys: ["arn:aws:kms:eu-west-1:1:key/k"] }),
        model: ModelArtifact.from({ uri: "s3://models/fraud/7", version: "7", digest }),
        engine: engine.triton(),
      }),
  );
  expect(one(recorded, "aws:eks/podIdentityAssociation:PodIdentityAssociation")).toEqual({
    region: "eu-west-1",
    clusterName: "prod",
    namespace: "fraud",
    serviceAccount: "fraud-endpoint",
    roleArn: "fraud-endpoint-arn",
    tags: { team: "risk" },
  });
  expect(one(recorded, "aws:iam/role:Role")).toMatchObject({
    name: "shop-dev-fraud-endpoint-pod",
    assumeRolePolicy: podTrustPolicy("fraud", "fraud-endpoint"),
  });
  expect(JSON.parse(one(recorded, "aws:iam/rolePolicy:RolePolicy").policy).Statement).toEqual([
    { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::models/fraud/7/*" },
    {
      Effect: "Allow",
      Action: "s3:ListBucket",
      Resource: "arn:aws:s3:::models",
      Condition: { StringLike: { "s3:prefix": "fraud/7/*" } },
    },
    {
      Effect: "Allow",
      Action: "kms:Decrypt",
      Resource: ["arn:aws:kms:eu-west-1:1:key/k"],
      Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
    },
  ]);
  const pod = one(recorded, "kubernetes:apps/v1:Deployment").spec.template.spec;
  expect(pod.initContainers[0].env).toEqual([{ name: "AWS_REGION", value: "eu-west-1" }]);
  const { egress } = one(recorded, "kubernetes:networking.k8s.io/v1:NetworkPolicy").spec;
  expect(egress).toContainEqual({
    to: [{ ipBlock: { cidr: "169.254.170.23/32" } }],
    ports: [{ protocol: "TCP", port: 80 }],
  });
});

test("an existing role is associated and none is made; a model elsewhere needs none", async () => {
  const make = (uri: string, role?: string) =>
    record(
      () =>
        new InferenceEndpoint("fraud", {
          platform: platform(),
          model: ModelArtifact.from({ uri, version: "7", digest }),
          engine: engine.triton(),
          ...(role && { role }),
        }),
    );
  const role = "arn:aws:iam::123456789012:role/reader";
  const given = await make("s3://models/fraud/7", role);
  expect(one(given, "aws:eks/podIdentityAssociation:PodIdentityAssociation").roleArn).toBe(role);
  expect(given.some(({ type }) => type.startsWith("aws:iam"))).toBe(false);
  const elsewhere = await make("https://models.example.com/fraud/7");
  expect(elsewhere.some(({ type }) => type.startsWith("aws:"))).toBe(false);
});

test("what nouns make in AWS goes through the platform's AWS provider, unless the noun names its own", async () => {
  const providers = async (name?: string) => {
    const recorded = await record(() => {
      const [ours, own] = ["platform-account", "own-account"].map(
        (account) => new AwsProvider(account, { region: "eu-west-1" }),
      );
      const args = { platform: platform({}, { providers: [ours!] }), machine: "g6.xlarge", maxNodes: 1 };
      return new GpuNodePool("p", args, name === undefined ? {} : { providers: [own!] });
    });
    const made = recorded.filter(({ type }) => type.startsWith("aws:"));
    return [...new Set(made.map(({ provider }) => /::([a-z-]+)$/.exec(provider)?.[1]))];
  };
  expect(await providers()).toEqual(["platform-account"]);
  expect(await providers("own")).toEqual(["own-account"]);
});

test("every Kubernetes object goes through the platform's provider, unless the noun names its own", async () => {
  const recorded = await record(() => {
    const shared = { model: ModelArtifact.from({ uri: "s3://m/x", version: "1", digest }), engine: engine.triton() };
    const eks = platform();
    const own = new KubernetesProvider("own", { kubeconfig: "{}" });
    new InferenceEndpoint("a", { platform: eks, ...shared });
    new InferenceEndpoint("b", { platform: eks, ...shared }, { provider: own });
  });
  const used = (name: string) =>
    recorded
      .filter((made) => made.type.startsWith("kubernetes:") && made.name.startsWith(`${name}-`))
      .map(({ provider }) => /::([a-z]+)$/.exec(provider)?.[1]);
  expect(new Set(used("a"))).toEqual(new Set(["prod"]));
  expect(new Set(used("b"))).toEqual(new Set(["own"]));
});

test.each<[string, Partial<EksPlatformArgs>, string]>([
  ["a region that is none", { region: "Europe" }, "region"],
  ["a namespace that is none", { namespace: "My Team" }, "namespace"],
  ["an environment that is none", { environment: "prod" as never }, "environment"],
  ["a cluster without an endpoint", { cluster: { name: "x" } as never }, "cluster"],
  ["a role that is no ARN", { nodeRole: "nodes" }, "nodeRole"],
])("%s is refused by name", async (_, more, field) => {
  await record(() =>
    expect(messageOf(() => platform(more))).toContain(`EksPlatform "prod" has 1 fault:\n  ${field}: `),
  );
});

test("policies name the partition of their region", () => {
  expect(readPolicy(["s3://b"], [], "cn-north-1")).toContain("arn:aws-cn:s3:::b/*");
  expect(["eu-west-1", "us-gov-west-1", "us-isob-east-1"].map((region) => partitionOf(region).name)).toEqual([
    "aws",
    "aws-us-gov",
    "aws-iso-b",
  ]);
  expect(parseS3Uri("s3://b//a/b/")).toEqual({ bucket: "b", prefix: "a/b" });
  expect(messageOf(() => parseS3Uri("https://b/a"))).toContain("s3://bucket/prefix");
});
