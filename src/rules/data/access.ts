import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { isPlainObject } from "../../graph/values.js";
import { demand, oneOrMany, policyDocument } from "../cloud.js";
import { told } from "../outcomes.js";
import { defineGraphRule } from "../rule.js";
import { both, either, every, given, is, read, some, type Truth } from "../truth.js";
import type { GraphView } from "../view.js";
import { bucketsParameter, GCS_BUCKET, isAbout, S3_BUCKET, selected } from "./buckets.js";
import { keptBucket } from "./versioning.js";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

const blocksAll = (node: ResourceNode): Truth => every(BLOCKS, (block) => is(node.inputs[block], true));

function isClosed(view: GraphView, bucket: ResourceNode): Truth {
  return either(
    some(view.ofType(/^aws:s3\/bucketPublicAccessBlock:/), (node) => both(isAbout(bucket)(node), blocksAll(node))),
    some(view.ofType(/^aws:s3\/accountPublicAccessBlock:/), blocksAll),
  );
}

/** The condition of https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html. */
function deniesPlainHttp(statement: Value): Truth {
  const operators = ["Bool", "BoolIfExists"].map((operator) => read(statement, ["Condition", operator]));
  return both(
    is(read(statement, ["Effect"]), "Deny"),
    given(read(statement, ["Action"]), (actions) =>
      some(oneOrMany(actions), (action) => given(action, (name) => name === "s3:*" || name === "*")),
    ),
    some(operators, (operator) =>
      given(operator, (conditions) =>
        some(isPlainObject(conditions) ? Object.entries(conditions) : [], ([key, value]) =>
          both(
            key.toLowerCase() === "aws:securetransport",
            given(value, (known) => some(oneOrMany(known), (each) => given(each, (text) => String(text) === "false"))),
          ),
        ),
      ),
    ),
  );
}

function hasTlsOnly(policy: Value | undefined): Truth {
  return given(policyDocument(policy), (document) =>
    given(read(document, ["Statement"]), (statements) => some(oneOrMany(statements), deniesPlainHttp)),
  );
}

function isTlsOnly(view: GraphView, bucket: ResourceNode): Truth {
  return either(
    hasTlsOnly(bucket.inputs.policy),
    some(view.ofType(/^aws:s3\/bucketPolicy:/), (node) => both(isAbout(bucket)(node), hasTlsOnly(node.inputs.policy))),
  );
}

const usesKms = (defaults: Value | undefined): Truth =>
  given(read(defaults, ["sseAlgorithm"]), (algorithm) => algorithm === "aws:kms" || algorithm === "aws:kms:dsse");

/** `rules[].applyServerSideEncryptionByDefault` of a resource of its own, `rule` of the bucket's older field. */
function isEncryptedByKms(view: GraphView, bucket: ResourceNode): Truth {
  const own = read(bucket.inputs, ["serverSideEncryptionConfiguration", "rule", "applyServerSideEncryptionByDefault"]);
  return either(
    usesKms(own),
    some(view.ofType(/^aws:s3\/bucketServerSideEncryptionConfiguration(V2)?:/), (node) =>
      both(
        isAbout(bucket)(node),
        some(node.inputs.rules, (rule) => usesKms(read(rule, ["applyServerSideEncryptionByDefault"]))),
      ),
    ),
  );
}

/** DAT002: nobody reads models and data who should not. */
export const encryptedTls = defineGraphRule({
  id: "DAT002",
  name: "encrypted-tls",
  pack: "data",
  severity: "high",
  statement: "Buckets with models and data are closed to the public and speak TLS only.",
  why: "A model or its training data that was public once is public for good, and one bucket policy or ACL by mistake is enough where nothing blocks it.",
  source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
  semantics:
    "Judged are the buckets whose name matches `buckets`. For one of S3, a BucketPublicAccessBlock (or the AccountPublicAccessBlock) has all four fields true, and a bucket policy, JSON or object, has a statement that denies s3:* (or *) when aws:SecureTransport is false; with `cmk` its default encryption is aws:kms. For one of Cloud Storage, publicAccessPrevention is enforced and uniformBucketLevelAccess true; with `cmk` encryption.defaultKmsKeyName is set. Whom and what the denying statement names is not looked at. One finding for each.",
  parameters: z.strictObject({
    buckets: bucketsParameter,
    cmk: z
      .boolean()
      .default(false)
      .describe(
        "Whether objects must be encrypted by a key of the key management service; encryption itself is on anyway.",
      ),
  }),
  bad: keptBucket.replace('"aws:SecureTransport": "false"', '"aws:SecureTransport": "true"'),
  good: keptBucket,
  check: (view, { buckets, cmk }) => [
    ...selected(view, S3_BUCKET, buckets).flatMap((bucket) => [
      ...told(
        bucket,
        "publicAccessBlock",
        isClosed(view, bucket),
        `no BucketPublicAccessBlock of the bucket sets ${BLOCKS.join(", ")} to true`,
      ),
      ...told(
        bucket,
        "policy",
        isTlsOnly(view, bucket),
        "no policy of the bucket denies s3:* when aws:SecureTransport is false",
      ),
      ...(cmk
        ? told(
            bucket,
            "encryption",
            isEncryptedByKms(view, bucket),
            "the default encryption of the bucket is not aws:kms",
          )
        : []),
    ]),
    ...selected(view, GCS_BUCKET, buckets).flatMap((bucket) => [
      ...demand(
        bucket,
        ["publicAccessPrevention"],
        (value) => value === "enforced",
        (found) => `${found}; allowed is "enforced"`,
      ),
      ...demand(
        bucket,
        ["uniformBucketLevelAccess"],
        (value) => value === true,
        (found) => `${found}; allowed is true`,
      ),
      ...(cmk
        ? told(
            bucket,
            "encryption",
            read(bucket.inputs, ["encryption", "defaultKmsKeyName"]) !== undefined,
            "the bucket has no encryption.defaultKmsKeyName",
          )
        : []),
    ]),
  ],
});
