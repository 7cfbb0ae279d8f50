import type { Unwrap } from "@pulumi/pulumi";
import { z } from "zod";
import { named, plain, ref } from "../core/schema-notes.js";
import type { SameKeys } from "../platform/same-keys.js";
import { addonsSchema, environmentSchema, namespaceSchema, tagsSchema } from "../platform/schemas.js";
import type { EksClusterOutputs } from "./eks-cluster.js";
import type { EksPlatformArgs } from "./eks-platform.js";

const CLUSTER = "the cluster's name, an aws.eks.Cluster, or an object with its name, endpoint and certificateAuthority";

const arn = (service: string, what: string) =>
  named(z.string().regex(new RegExp(`^arn:aws[a-z0-9-]*:${service}:`)), what);

export const eksPlatformSchema = z.strictObject({
  cluster: z.union(
    [
      z.string().regex(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/),
      ref<EksClusterOutputs>(
        CLUSTER,
        (value) => "name" in value && "endpoint" in value && "certificateAuthority" in value,
      ),
    ],
    { error: `must be ${CLUSTER}` },
  ),
  region: plain(named(z.string().regex(/^[a-z]{2,4}(-[a-z]+)+-\d+$/), "an AWS region such as eu-west-1")),
  environment: plain(environmentSchema).optional(),
  namespace: plain(namespaceSchema).optional(),
  tags: plain(tagsSchema).optional(),
  kubernetesVersion: plain(named(z.string().regex(/^1\.\d{2}$/), 'a Kubernetes version such as "1.34"')).optional(),
  nodeRole: arn("iam", "the ARN of an IAM role").optional(),
  subnets: z.array(z.string().min(1)).min(1).optional(),
  permissionsBoundary: arn("iam", "the ARN of an IAM policy").optional(),
  decryptionKeys: z.array(arn("kms", "the ARN of a KMS key")).optional(),
  accessRole: arn("iam", "the ARN of an IAM role").optional(),
  provider: ref<EksPlatformArgs["provider"]>("a kubernetes.Provider").optional(),
  addons: plain(addonsSchema).optional(),
});

true satisfies SameKeys<Unwrap<EksPlatformArgs>, z.input<typeof eksPlatformSchema>>;
