import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "../core/check-args.js";
import type { Addons } from "../platform/addons.js";
import { isBranded } from "../platform/brand.js";
import type { WorkloadIdentity } from "../platform/identity.js";
import type { NodePools } from "../platform/node-pools.js";
import type { ObjectStore } from "../platform/object-store.js";
import type { Environment, Platform } from "../platform/platform.js";
import type { AwsContext } from "./context.js";
import { type EksClusterOutputs, type ResolvedCluster, resolveCluster } from "./eks-cluster.js";
import { eksPlatformSchema } from "./eks-platform.schema.js";
import { eksKubeconfig } from "./kubeconfig.js";
import { nodeGroups } from "./node-groups.js";
import { podIdentity } from "./pod-identity.js";

export interface EksPlatformArgs {
  /**
   * The cluster: its name (it is then looked up when deploying), an `aws.eks.Cluster`, or an object with its `name`,
   * `endpoint` and `certificateAuthority`.
   */
  readonly cluster: string | EksClusterOutputs;
  /** The AWS region of the cluster, e.g. `eu-west-1`. What nouns make in AWS is made there. */
  readonly region: string;
  /** How much is at stake: sets the defaults of what nouns make. @default "production", the most careful */
  readonly environment?: Environment;
  /** Namespace of what nouns make when they are given none. It must exist. @default "default" */
  readonly namespace?: string;
  /** Put as labels on every Kubernetes object and as tags on every AWS resource the nouns make. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Kubernetes version of the machines, e.g. `"1.34"`. @default the cluster's own when a group is made */
  readonly kubernetesVersion?: string;
  /** ARN of an existing role for machines. @default one role is made for each pool */
  readonly nodeRole?: pulumi.Input<string>;
  /** Subnets of machines. @default those of the cluster */
  readonly subnets?: pulumi.Input<pulumi.Input<string>[]>;
  /** ARN of the policy that bounds every role made here. @default none */
  readonly permissionsBoundary?: pulumi.Input<string>;
  /** ARNs of the KMS keys that the buckets nouns read from are encrypted with. @default none: S3's own keys */
  readonly decryptionKeys?: readonly pulumi.Input<string>[];
  /** ARN of the role to reach the cluster's API with. @default the identity that deploys */
  readonly accessRole?: pulumi.Input<string>;
  /** A Kubernetes provider of yours for this cluster. @default one is made that asks `aws eks get-token` */
  readonly provider?: KubernetesProvider;
  /** What the cluster has besides Kubernetes. @default nothing */
  readonly addons?: Addons;
}

const BRAND = Symbol.for("plinth.EksPlatform");

/**
 * An EKS cluster that exists or is made in the same program: its machines are managed node groups, its pods' identities
 * EKS Pod Identity, its object store S3. It makes nothing itself but a Kubernetes provider.
 *
 * Resources in AWS are made through the AWS provider in the platform's options, unless a noun's own options name one.
 */
export class EksPlatform extends pulumi.ComponentResource implements Platform {
  readonly kind = "EksPlatform";
  readonly name: string;
  readonly environment: Environment;
  readonly namespace: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly provider: KubernetesProvider;
  readonly addons: Addons;
  readonly nodePools: NodePools;
  readonly identity: WorkloadIdentity;
  readonly objectStore: ObjectStore;
  /** @internal */
  readonly [BRAND] = true;

  /** @throws ArgsError naming every argument that cannot work. */
  constructor(name: string, args: EksPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const environment = args?.environment ?? "production";
    const namespace = args?.namespace ?? "default";
    const tags = args?.tags ?? {};
    super("plinth:index:EksPlatform", name, { region: args?.region, environment, namespace, tags }, opts);
    const checked = checkArgs(`EksPlatform "${name}"`, eksPlatformSchema, args);
    this.name = name;
    this.environment = environment;
    this.namespace = namespace;
    this.tags = tags;
    this.addons = checked.addons ?? {};

    const cluster = resolveCluster(checked.cluster, checked.region, this);
    this.provider = checked.provider ?? makeProvider(name, cluster, checked, this);

    const context: AwsContext = {
      region: checked.region,
      clusterName: cluster.name,
      tags,
      permissionsBoundary: checked.permissionsBoundary,
      decryptionKeys: checked.decryptionKeys ?? [],
      child: (parent) => childOptions(parent, this),
    };
    this.nodePools = nodeGroups(context, {
      nodeRole: checked.nodeRole,
      subnets: checked.subnets ?? cluster.subnets,
      kubernetesVersion: checked.kubernetesVersion,
    });
    this.identity = podIdentity(context);
    this.objectStore = { schemes: ["s3"], environment: { AWS_REGION: checked.region } };
    this.registerOutputs({});
  }

  /** Whether a value is an EksPlatform, also one of another copy of this package. */
  static override isInstance(value: unknown): value is EksPlatform {
    return isBranded(value, BRAND);
  }
}

function makeProvider(
  name: string,
  cluster: ResolvedCluster,
  args: EksPlatformArgs,
  parent: pulumi.ComponentResource,
): KubernetesProvider {
  const kubeconfig = pulumi
    .all([cluster.name, cluster.endpoint, cluster.certificateAuthority, args.accessRole])
    .apply(([clusterName, endpoint, certificateAuthority, role]) =>
      eksKubeconfig({ name: clusterName, endpoint, certificateAuthority, region: args.region, role }),
    );
  return new KubernetesProvider(name, { kubeconfig }, { parent });
}

/** A noun's own AWS provider, else the platform's, else Pulumi's default. */
function childOptions(parent: pulumi.ComponentResource, platform: pulumi.ComponentResource) {
  const module = "aws:index/index:index";
  const provider = parent.getProvider(module) ?? platform.getProvider(module);
  return { parent, ...(provider && { provider }) };
}
