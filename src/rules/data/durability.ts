import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { entriesOf, pathOf } from "../cloud.js";
import { told } from "../outcomes.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { both, either, given, is, not, read, some, type Truth } from "../truth.js";
import type { GraphView } from "../view.js";
import { bucketsParameter, GCS_BUCKET, isAbout, isMeant, isSelected, S3_BUCKET, selected } from "./buckets.js";
import { keptBucket } from "./versioning.js";

/** Locations of Cloud Storage that are several regions. https://cloud.google.com/storage/docs/locations (2026-08). */
const MULTI_REGIONS = ["US", "EU", "ASIA", "NAM4", "EUR4", "EUR5", "EUR7", "EUR8", "ASIA1"] as const;

function isReplicated(view: GraphView, bucket: ResourceNode): Truth {
  const isOn = (rules: Value | undefined) => some(rules, (rule) => is(read(rule, ["status"]), "Enabled"));
  return either(
    isOn(read(bucket.inputs, ["replicationConfiguration", "rules"])),
    some(view.ofType(/^aws:s3\/bucketReplicationConfig(uration)?:/), (node) =>
      both(isAbout(bucket)(node), isOn(node.inputs.rules)),
    ),
  );
}

function isInSeveralRegions(bucket: ResourceNode): Truth {
  return either(
    given(bucket.inputs.location, (location) =>
      MULTI_REGIONS.some((region) => region === String(location).toUpperCase()),
    ),
    given(
      read(bucket.inputs, ["customPlacementConfig", "dataLocations"]),
      (list) => Array.isArray(list) && list.length > 1,
    ),
  );
}

const replicated = `${keptBucket}---
apiVersion: plinth.dev/test
kind: aws:s3/bucketReplicationConfig:BucketReplicationConfig
metadata: { name: models }
spec:
  bucket: acme-models
  role: arn:aws:iam::123456789012:role/replication
  rules:
    - { id: all, status: Enabled, destination: { bucket: "arn:aws:s3:::acme-models-copy" } }
`;

/** DAT003: one region is not the only place. */
export const replicatedData = defineGraphRule({
  id: "DAT003",
  name: "replicated",
  pack: "data",
  severity: "medium",
  statement: "Buckets with models and data of production are copied to a second region.",
  why: "When a region is out, endpoints elsewhere can only start if they find their models there.",
  source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html",
  semantics:
    "Off unless `required` is true; production only. Judged are the buckets whose name matches `buckets`: one of S3 has a replication configuration that refers to it, with a rule that is enabled; one of Cloud Storage is in a multi-region or a dual-region. What is copied, and where to, is not looked at.",
  parameters: z.strictObject({
    required: z.boolean().default(false).describe("Whether production needs a second region."),
    buckets: bucketsParameter,
  }),
  bad: keptBucket,
  good: replicated,
  check: (view, { required, buckets }, { environment }) =>
    required && environment === "production"
      ? [
          ...selected(view, S3_BUCKET, buckets).flatMap((bucket) =>
            told(
              bucket,
              "replicationConfiguration",
              isReplicated(view, bucket),
              "no replication to another region is enabled for the bucket",
            ),
          ),
          ...selected(view, GCS_BUCKET, buckets).flatMap((bucket) =>
            told(
              bucket,
              "location",
              isInSeveralRegions(bucket),
              "the bucket is in one region; allowed is a multi-region or a dual-region",
            ),
          ),
        ]
      : [],
});

/** Whether a lifecycle is about a bucket that is meant: one in the graph, or one of a name that is. */
function isOfSelected(view: GraphView, node: ResourceNode, buckets: string): Truth {
  const { bucket } = node.inputs;
  return either(
    typeof bucket === "string" && isMeant(bucket, buckets),
    some(
      view.ofType(S3_BUCKET).filter((each) => isSelected(each, buckets)),
      (each) => isAbout(each)(node),
    ),
  );
}

const EXPIRIES = [
  ["expiration", "days"],
  ["noncurrentVersionExpiration", "noncurrentDays"],
] as const;

function expiries(node: ResourceNode, isJudged: Truth, days: number): readonly GraphOutcome[] {
  return entriesOf(node.inputs.rules).flatMap(({ item, index }) =>
    EXPIRIES.flatMap((keys) => {
      const value = read(item, keys);
      const isLate = given(value, (found) => typeof found !== "number" || found >= days);
      const isKept = either(not(isJudged), not(is(read(item, ["status"]), "Enabled")), isLate);
      return told(
        node,
        pathOf(["rules", index, ...keys]),
        isKept,
        `the rule deletes after ${String(value)} days; allowed are ${days} or more`,
      );
    }),
  );
}

const lifecycle = (days: number) => `${keptBucket}---
apiVersion: plinth.dev/test
kind: aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration
metadata: { name: models }
spec:
  bucket: acme-models
  rules:
    - { id: old, status: Enabled, noncurrentVersionExpiration: { noncurrentDays: ${days} } }
`;

/** DAT008: tidying up does not take the model to go back to. */
export const lifecycleSafe = defineGraphRule({
  id: "DAT008",
  name: "lifecycle-safe",
  pack: "data",
  severity: "medium",
  statement: "Lifecycle rules delete models and data only after a long time.",
  why: "A rule that deletes after a month deletes the model that has served well for two, and the version to go back to.",
  source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html",
  semantics:
    "In a BucketLifecycleConfiguration (or V2) of a bucket whose name matches `buckets`, every enabled rule has expiration.days and noncurrentVersionExpiration.noncurrentDays, where they are there, of at least `days`. Filters of rules, dates, transitions to colder storage and incomplete uploads are not looked at.",
  parameters: z.strictObject({
    buckets: bucketsParameter,
    days: z.int().min(1).default(90).describe("Days that every object and every old version is kept at least."),
  }),
  bad: lifecycle(30),
  good: lifecycle(180),
  check: (view, { buckets, days }) =>
    view
      .ofType(/^aws:s3\/bucketLifecycleConfiguration(V2)?:/)
      .flatMap((node) => expiries(node, isOfSelected(view, node, buckets), days)),
});
