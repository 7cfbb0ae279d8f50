import { z } from "zod";
import type { ResourceNode } from "../../graph/model.js";
import { oneOrMany } from "../cloud.js";
import { told } from "../outcomes.js";
import { defineGraphRule } from "../rule.js";
import { both, either, given, is, read, some, type Truth } from "../truth.js";
import type { GraphView } from "../view.js";
import { bucketsParameter, GCS_BUCKET, isAbout, S3_BUCKET, selected } from "./buckets.js";

/** By a resource of its own, or by the older field of the bucket itself (`versionings` of BucketV2). */
function isVersioned(view: GraphView, bucket: ResourceNode): Truth {
  const { versioning, versionings } = bucket.inputs;
  return either(
    is(read(versioning, ["enabled"]), true),
    given(versionings, (list) => some(oneOrMany(list), (each) => is(read(each, ["enabled"]), true))),
    some(view.ofType(/^aws:s3\/bucketVersioning(V2)?:/), (node) =>
      both(isAbout(bucket)(node), is(read(node.inputs, ["versioningConfiguration", "status"]), "Enabled")),
    ),
  );
}

const bad = `apiVersion: plinth.dev/test
kind: aws:s3/bucket:Bucket
metadata: { name: models }
spec: { bucket: acme-models }
options: { protect: true }
---
apiVersion: plinth.dev/test
kind: aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock
metadata: { name: models }
spec:
  bucket: acme-models
  blockPublicAcls: true
  blockPublicPolicy: true
  ignorePublicAcls: true
  restrictPublicBuckets: true
---
apiVersion: plinth.dev/test
kind: aws:s3/bucketPolicy:BucketPolicy
metadata: { name: models }
spec:
  bucket: acme-models
  policy: |
    { "Version": "2012-10-17", "Statement": [
      { "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::acme-models", "arn:aws:s3:::acme-models/*"],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } } } ] }
`;

/** A bucket that keeps every rule of the pack. */
export const keptBucket = `${bad}---
apiVersion: plinth.dev/test
kind: aws:s3/bucketVersioning:BucketVersioning
metadata: { name: models }
spec: { bucket: acme-models, versioningConfiguration: { status: Enabled } }
`;

/** DAT001: what is overwritten can be had back. */
export const registryVersioned = defineGraphRule({
  id: "DAT001",
  name: "registry-versioned",
  pack: "data",
  severity: "critical",
  statement: "Buckets with models and data keep old versions of their objects.",
  why: "Without versions an upload to the wrong key, or a script with the wrong prefix, destroys the model that production runs and the one to go back to.",
  source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
  semantics:
    "Judged are the buckets whose name in the program or in the cloud matches `buckets`. One of S3 has a BucketVersioning (or BucketVersioningV2) with status Enabled that refers to it, by an output of the bucket or by the same known name, or versioning.enabled of its own. One of Cloud Storage has versioning.enabled true.",
  parameters: z.strictObject({ buckets: bucketsParameter }),
  bad,
  good: keptBucket,
  check: (view, { buckets }) => [
    ...selected(view, S3_BUCKET, buckets).flatMap((bucket) =>
      told(
        bucket,
        "versioning",
        isVersioned(view, bucket),
        "no versioning is enabled for the bucket; allowed is a BucketVersioning with status Enabled",
      ),
    ),
    ...selected(view, GCS_BUCKET, buckets).flatMap((bucket) =>
      told(
        bucket,
        "versioning",
        is(read(bucket.inputs, ["versioning", "enabled"]), true),
        "versioning.enabled of the bucket is not true",
      ),
    ),
  ],
});
