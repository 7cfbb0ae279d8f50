import { Tag } from "@pulumi/aws/autoscaling/tag.js";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate.js";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Capacity, NodePoolSpec, NodePools, Taint } from "../platform/node-pools.js";
import type { AwsContext } from "./context.js";
import { AWS_GPU_MACHINES } from "./machines.js";
import { roleName } from "./names.js";
import { partitionOf } from "./partition.js";

/** What the platform knows that pools need when they are not told otherwise. */
export interface NodeGroupDefaults {
  readonly nodeRole: pulumi.Input<string> | undefined;
  readonly subnets: pulumi.Input<pulumi.Input<string>[]> | undefined;
  readonly kubernetesVersion: string | undefined;
}

/** Images with NVIDIA's driver; the standard ones have none. */
const AMI_TYPES = { amd64: "AL2023_x86_64_NVIDIA", arm64: "AL2023_ARM_64_NVIDIA" } as const;

const CAPACITY_TYPES = { "on-demand": "ON_DEMAND", spot: "SPOT" } as const satisfies Record<Capacity, string>;

const TAINT_EFFECTS = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
} as const satisfies Record<Taint["effect"], string>;

/** What a node's role needs to join the cluster, pull images from ECR and give pods addresses. */
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"];

/** Pools as EKS managed node groups, one for each capacity, sharing a launch template and a role. */
export function nodeGroups(context: AwsContext, defaults: NodeGroupDefaults): NodePools {
  return {
    machines: AWS_GPU_MACHINES,
    faults: (spec) =>
      spec.subnets || defaults.subnets
        ? []
        : [
            {
              field: "subnets",
              message:
                "is required: the platform's cluster was given without vpcConfig; give subnets here or to the EksPlatform",
            },
          ],
    create: (spec, parent) => createPool(spec, context, defaults, context.child(parent)),
  };
}

function createPool(
  spec: NodePoolSpec,
  context: AwsContext,
  defaults: NodeGroupDefaults,
  opts: pulumi.CustomResourceOptions,
): Readonly<Record<string, pulumi.Resource>> {
  const { name, machine } = spec;
  const givenRole = spec.nodeRole ?? defaults.nodeRole;
  const role = givenRole === undefined ? makeNodeRole(name, context, opts) : undefined;
  const template = makeLaunchTemplate(spec, context, opts);
  const labels = nodeLabels(spec);
  const groups = spec.capacity.map((capacity, index) => {
    const minSize = index === 0 ? spec.minNodes : 0;
    const templateTags = autoscalerTags(spec, labels);
    const group = new NodeGroup(
      `${name}-${capacity}`,
      {
        region: context.region,
        clusterName: context.clusterName,
        nodeRoleArn: givenRole ?? role!.role.arn,
        subnetIds: spec.subnets ?? defaults.subnets!,
        amiType: AMI_TYPES[machine.architecture],
        capacityType: CAPACITY_TYPES[capacity],
        instanceTypes: [machine.name],
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: { minSize, maxSize: spec.maxNodes, desiredSize: minSize },
        // MINIMAL replaces nodes in place of adding new ones first, for which there may be no GPU capacity.
        updateConfig: { maxUnavailable: 1, updateStrategy: "MINIMAL" },
        nodeRepairConfig: { enabled: true },
        ...(defaults.kubernetesVersion && { version: defaults.kubernetesVersion }),
        labels,
        taints: spec.taints.map(({ key, value, effect }) => ({ key, value, effect: TAINT_EFFECTS[effect] })),
        tags: { ...context.tags, ...templateTags },
      },
      {
        ...opts,
        // The autoscaler owns the size once the group exists.
        ignoreChanges: ["scalingConfig.desiredSize"],
        ...(role && { dependsOn: role.attachments }),
      },
    );
    makeGroupTags(`${name}-${capacity}`, group, templateTags, context, opts);
    return [capacity, group] as const;
  });
  return { ...(role && { nodeRole: role.role }), launchTemplate: template, ...Object.fromEntries(groups) };
}

function makeNodeRole(name: string, context: AwsContext, opts: pulumi.CustomResourceOptions) {
  const { name: partition, domain } = partitionOf(context.region);
  // China's partition has a domain of its own in EC2's principal; the isolated ones keep the commercial name.
  const principal = `ec2.${partition === "aws-cn" ? domain : "amazonaws.com"}`;
  const role = new Role(
    `${name}-node`,
    {
      name: roleName(name, "node"),
      description: `Machines of GPU pool ${name}`,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: principal }, Action: "sts:AssumeRole" }],
      }),
      ...(context.permissionsBoundary && { permissionsBoundary: context.permissionsBoundary }),
      tags: context.tags,
    },
    opts,
  );
  const attachments = NODE_POLICIES.map(
    (policy) =>
      new RolePolicyAttachment(
        `${name}-node-${policy}`,
        { role: role.name, policyArn: `arn:${partition}:iam::aws:policy/${policy}` },
        opts,
      ),
  );
  return { role, attachments };
}

/** Encrypted disks, and instance credentials that only the host's own network can ask for (IMDSv2, one hop). */
function makeLaunchTemplate(spec: NodePoolSpec, context: AwsContext, opts: pulumi.CustomResourceOptions) {
  const tags = { ...context.tags, Name: spec.name };
  return new LaunchTemplate(
    spec.name,
    {
      region: context.region,
      description: `Machines of GPU pool ${spec.name}`,
      updateDefaultVersion: true,
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: spec.diskSizeGiB, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
      tags: context.tags,
    },
    opts,
  );
}

/**
 * The pool's labels, and the one by which Cluster Autoscaler knows GPU nodes: without it, it counts a node whose driver
 * is still starting as one without GPUs and adds another (kubernetes/autoscaler#8799).
 */
function nodeLabels(spec: NodePoolSpec): Record<string, string> {
  return { ...spec.labels, "k8s.amazonaws.com/accelerator": `nvidia-${spec.machine.gpu}` };
}

/**
 * What Cluster Autoscaler must know to start the first node of an empty group: labels, taints, and disk, which it
 * cannot learn from the machine type
 * (https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md).
 */
function autoscalerTags(
  spec: Pick<NodePoolSpec, "taints" | "diskSizeGiB">,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  const prefix = "k8s.io/cluster-autoscaler/node-template";
  return Object.fromEntries([
    ...Object.entries(labels).map(([key, value]) => [`${prefix}/label/${key}`, value]),
    ...spec.taints.map(({ key, value, effect }) => [`${prefix}/taint/${key}`, `${value}:${effect}`]),
    [`${prefix}/resources/ephemeral-storage`, `${spec.diskSizeGiB}Gi`],
  ]);
}

/** The same tags on the Auto Scaling group: EKS does not hand a node group's own tags down to it. */
function makeGroupTags(
  name: string,
  group: NodeGroup,
  tags: Readonly<Record<string, string>>,
  context: AwsContext,
  opts: pulumi.CustomResourceOptions,
): void {
  const autoscalingGroupName = group.resources.apply((made) => made[0]?.autoscalingGroups?.[0]?.name ?? "");
  for (const [key, value] of Object.entries(tags)) {
    new Tag(
      `${name}-${key.slice(key.indexOf("node-template/") + "node-template/".length)}`,
      { region: context.region, autoscalingGroupName, tag: { key, value, propagateAtLaunch: false } },
      opts,
    );
  }
}
