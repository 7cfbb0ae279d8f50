import { getClusterOutput } from "@pulumi/aws/eks/getCluster.js";
import * as pulumi from "@pulumi/pulumi";

/**
 * An EKS cluster by its Outputs: an `aws.eks.Cluster`, or an object with the same fields from somewhere else, such as
 * a stack reference.
 */
export interface EksClusterOutputs {
  readonly name: pulumi.Input<string>;
  readonly endpoint: pulumi.Input<string>;
  /** Base64 of the certificate authority's certificate. */
  readonly certificateAuthority: pulumi.Input<{ readonly data: pulumi.Input<string> }>;
  /** Its subnets are the default for machines. @default none: give `subnets` to the platform or the pool */
  readonly vpcConfig?: pulumi.Input<{ readonly subnetIds: pulumi.Input<pulumi.Input<string>[]> }>;
}

/** A cluster as the platform uses it. */
export interface ResolvedCluster {
  /** As it was given: plain when the user named the cluster. */
  readonly name: pulumi.Input<string>;
  readonly endpoint: pulumi.Output<string>;
  readonly certificateAuthority: pulumi.Output<string>;
  readonly subnets: pulumi.Output<string[]> | undefined;
}

/** Looks a named cluster up, through the platform's provider; takes any other as it is. */
export function resolveCluster(
  cluster: string | EksClusterOutputs,
  region: string,
  parent: pulumi.ComponentResource,
): ResolvedCluster {
  if (typeof cluster === "string") {
    const found = getClusterOutput({ name: cluster, region }, { parent });
    return {
      name: cluster,
      endpoint: found.endpoint,
      certificateAuthority: found.certificateAuthorities.apply((authorities) => authorities?.[0]?.data ?? ""),
      subnets: found.vpcConfig.apply((vpc) => vpc?.subnetIds ?? []),
    };
  }
  return {
    name: cluster.name,
    endpoint: pulumi.output(cluster.endpoint),
    // Under a user's own mocks a cluster may have neither.
    certificateAuthority: pulumi.output(cluster.certificateAuthority).apply((authority) => authority?.data ?? ""),
    subnets: cluster.vpcConfig && pulumi.output(cluster.vpcConfig).apply((vpc) => vpc?.subnetIds ?? []),
  };
}
