import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { ArgsError } from "../core/args-error.js";
import type { IdentityGrant, IdentityRequest, WorkloadIdentity } from "../platform/identity.js";
import type { AwsContext } from "./context.js";
import { roleName } from "./names.js";
import { partitionOf } from "./partition.js";

/**
 * Identities by EKS Pod Identity: a role, what it may do, and the association that gives it to one ServiceAccount. The
 * cluster needs the add-on `eks-pod-identity-agent`; nodes of EKS Auto Mode have it.
 */
export function podIdentity(context: AwsContext): WorkloadIdentity {
  return {
    grant(request, parent): IdentityGrant {
      const { name, namespace, serviceAccount } = request;
      const opts = context.child(parent);
      const made = request.role === undefined ? makeRole(context, request, opts) : undefined;
      const association = new PodIdentityAssociation(
        name,
        {
          region: context.region,
          clusterName: context.clusterName,
          namespace,
          serviceAccount,
          roleArn: request.role ?? made!.role.arn,
          tags: context.tags,
        },
        opts,
      );
      return {
        annotations: {},
        resources: { ...made, association },
        credentialAddresses: AGENT_ADDRESSES,
      };
    },
  };
}

/** Where the agent answers on every node (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html). */
const AGENT_ADDRESSES = [
  { cidr: "169.254.170.23/32", port: 80 },
  { cidr: "fd00:ec2::23/128", port: 80 },
] as const;

function makeRole(context: AwsContext, request: IdentityRequest, opts: pulumi.CustomResourceOptions) {
  const { name } = request;
  const role = new Role(
    name,
    {
      name: roleName(name, "pod"),
      description: `Pods of ServiceAccount ${request.serviceAccount}`,
      assumeRolePolicy: pulumi
        .output(request.namespace)
        .apply((namespace) => podTrustPolicy(namespace, request.serviceAccount)),
      ...(context.permissionsBoundary && { permissionsBoundary: context.permissionsBoundary }),
      tags: context.tags,
    },
    opts,
  );
  const policy = new RolePolicy(
    `${name}-read`,
    {
      name: "read-model",
      role: role.name,
      policy: pulumi
        .all([pulumi.all([...request.read]), pulumi.all([...context.decryptionKeys])])
        .apply(([uris, keys]) => readPolicy(uris, keys, context.region)),
    },
    opts,
  );
  return { role, policy };
}

/** Who may take the role on: pods of one ServiceAccount in one namespace, by the tags EKS puts on their sessions. */
export function podTrustPolicy(namespace: string, serviceAccount: string): string {
  return policyText([
    {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringEquals: {
          "aws:RequestTag/kubernetes-namespace": namespace,
          "aws:RequestTag/kubernetes-service-account": serviceAccount,
        },
      },
    },
  ]);
}

/**
 * What the role may do: read the objects under each URI, list there (so that a missing file is told from a forbidden
 * one), and decrypt by the given keys when S3 asks.
 */
export function readPolicy(uris: readonly string[], keys: readonly string[], region: string): string {
  const { name: partition, domain } = partitionOf(region);
  const statements = uris.flatMap((uri) => {
    const { bucket, prefix } = parseS3Uri(uri);
    const arn = `arn:${partition}:s3:::${bucket}`;
    const under = prefix === "" ? "*" : `${prefix}/*`;
    return [
      { Effect: "Allow", Action: "s3:GetObject", Resource: `${arn}/${under}` },
      { Effect: "Allow", Action: "s3:ListBucket", Resource: arn, Condition: { StringLike: { "s3:prefix": under } } },
    ];
  });
  const decrypt = {
    Effect: "Allow",
    Action: "kms:Decrypt",
    Resource: keys,
    Condition: { StringEquals: { "kms:ViaService": `s3.${region}.${domain}` } },
  };
  return policyText(keys.length > 0 ? [...statements, decrypt] : statements);
}

function policyText(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Bucket and prefix (without slashes around it) of an `s3://` URI. */
export function parseS3Uri(uri: string): { bucket: string; prefix: string } {
  const match = /^s3:\/\/([^/]+)\/*(.*?)\/*$/.exec(uri);
  if (!match) {
    const message = `"${uri}" is not allowed; pods of an EksPlatform get an identity for s3://bucket/prefix`;
    throw new ArgsError("EksPlatform identity", [{ field: "model.uri", given: uri, message }]);
  }
  return { bucket: match[1]!, prefix: match[2]! };
}
