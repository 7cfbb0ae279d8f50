import type * as pulumi from "@pulumi/pulumi";

export interface IdentityRequest {
  /** The Pulumi name of the noun that asks; what is made is named after it. */
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  /** The ServiceAccount whose pods get the identity. Known before deployment. */
  readonly serviceAccount: string;
  /** URIs whose objects the pods may read, each with everything under it. */
  readonly read: readonly pulumi.Input<string>[];
  /** An existing role (its ARN on AWS) to use instead of making one; what it may do is then the owner's concern. */
  readonly role?: pulumi.Input<string>;
}

export interface IdentityGrant {
  /** Annotations the ServiceAccount must carry. */
  readonly annotations: Readonly<Record<string, pulumi.Input<string>>>;
  /** What was made, by name. Pods must wait for all of it, or their first start finds no credentials. */
  readonly resources: Readonly<Record<string, pulumi.Resource>>;
  /** Addresses on the node from which pods get their credentials, for egress rules. */
  readonly credentialAddresses: readonly { readonly cidr: string; readonly port: number }[];
}

/** A platform that can give pods an identity towards its cloud, without keys. */
export interface WorkloadIdentity {
  /** Lets the pods of one ServiceAccount, and nobody else, do what the request says. */
  grant(request: IdentityRequest, parent: pulumi.ComponentResource): IdentityGrant;
}
