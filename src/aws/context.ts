import type * as pulumi from "@pulumi/pulumi";

/** What everything an EksPlatform makes in AWS has in common. */
export interface AwsContext {
  readonly region: string;
  readonly clusterName: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
  readonly permissionsBoundary: pulumi.Input<string> | undefined;
  /** KMS keys that the buckets are encrypted with. */
  readonly decryptionKeys: readonly pulumi.Input<string>[];
  /** Options for a child of a noun: through the noun's AWS provider when it has one, else the platform's. */
  child(parent: pulumi.ComponentResource): pulumi.CustomResourceOptions;
}
