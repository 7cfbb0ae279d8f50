import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { demand, demandSet, type Keys, pathOf } from "../cloud.js";
import { told } from "../outcomes.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { both, either, given, is, not, read, type Truth } from "../truth.js";

/**
 * Resources that hold what cannot be made again, with the fields that keep them from being deleted. `default`: what the
 * field is when it is absent.
 *
 * Source: @pulumi/aws 7.48.0 and @pulumi/gcp 9.37.0.
 */
const STATEFUL: { readonly [type: string]: { readonly field?: string; readonly default?: boolean } } = {
  "aws:s3/bucket:Bucket": {},
  "aws:s3/bucketV2:BucketV2": {},
  "gcp:storage/bucket:Bucket": {},
  "aws:dynamodb/table:Table": { field: "deletionProtectionEnabled" },
  "aws:rds/instance:Instance": { field: "deletionProtection" },
  "aws:rds/cluster:Cluster": { field: "deletionProtection" },
  "aws:elasticache/replicationGroup:ReplicationGroup": {},
  "gcp:sql/databaseInstance:DatabaseInstance": { field: "deletionProtection", default: true },
  "gcp:redis/instance:Instance": { field: "deletionProtection", default: true },
  "gcp:bigtable/instance:Instance": { field: "deletionProtection", default: true },
};

function isProtected(
  node: ResourceNode,
  { field, default: byDefault = false }: { field?: string; default?: boolean },
): Truth {
  return either(
    node.options.protect === true || node.options.retainOnDelete === true,
    field !== undefined && given(node.inputs[field], (value) => (value ?? byDefault) === true),
    given(node.inputs.deletionPolicy, (policy) => policy === "PREVENT" || policy === "ABANDON"),
  );
}

const table = (options: string, spec: string) => `apiVersion: plinth.dev/test
kind: aws:dynamodb/table:Table
metadata: { name: features }
spec:
  billingMode: PAY_PER_REQUEST
  hashKey: entity
  pointInTimeRecovery: { enabled: ${spec} }
options: ${options}
`;

/** DAT004: what holds state is not deleted with the stack. */
export const statefulProtected = defineGraphRule({
  id: "DAT004",
  name: "stateful-protected",
  pack: "data",
  severity: "high",
  statement: "Buckets and databases of production cannot be deleted by a change of the program.",
  why: "A renamed resource or a destroyed stack deletes the old one: with it the models, the features and the log of what was predicted.",
  source: "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
  semantics:
    "Production only. Buckets of S3 and Cloud Storage, DynamoDB tables, RDS instances and clusters, ElastiCache replication groups, Cloud SQL, Memorystore and Bigtable instances have the option protect or retainOnDelete, or the deletion protection of their cloud (those of Google Cloud have it unless it is switched off), or deletionPolicy PREVENT or ABANDON; and none has forceDestroy true, which deletes what is inside.",
  parameters: z.strictObject({}),
  bad: table("{}", "true"),
  good: table("{ protect: true }", "true"),
  check: (view, _, { environment }) =>
    environment === "production"
      ? view.nodes.flatMap((node) => {
          const stateful = STATEFUL[node.type];
          if (!stateful) return [];
          return [
            ...told(
              node,
              "protect",
              isProtected(node, stateful),
              `nothing keeps this from being deleted; allowed is the option protect or retainOnDelete${stateful.field === undefined ? "" : `, or ${stateful.field}: true`}`,
            ),
            ...demand(
              node,
              ["forceDestroy"],
              (value) => value !== true,
              (found) => `${found}, which deletes everything inside; allowed is false`,
            ),
          ];
        })
      : [],
});

/** What an input must be: `value`, or at least `least`. */
interface Requirement {
  readonly keys: Keys;
  readonly value: boolean | string;
}

const ONLINE_STORES: { readonly [type: string]: readonly Requirement[] } = {
  "aws:elasticache/replicationGroup:ReplicationGroup": [
    { keys: ["transitEncryptionEnabled"], value: true },
    { keys: ["atRestEncryptionEnabled"], value: true },
  ],
  "gcp:redis/instance:Instance": [
    { keys: ["transitEncryptionMode"], value: "SERVER_AUTHENTICATION" },
    { keys: ["authEnabled"], value: true },
  ],
};

const redis = (auth: string) => `apiVersion: plinth.dev/test
kind: gcp:redis/instance:Instance
metadata: { name: features }
spec:
  memorySizeGb: 5
  transitEncryptionMode: SERVER_AUTHENTICATION
${auth}options: { protect: true }
`;

/** DAT005: the online store is not read by who passes by. */
export const onlineStoreSecure = defineGraphRule({
  id: "DAT005",
  name: "online-store-secure",
  pack: "data",
  severity: "high",
  statement: "Online stores encrypt what they keep and send, and ask who is there.",
  why: "Features are personal data in their most useful form; a Redis without TLS and a password gives them to every pod of the network.",
  source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/encryption.html",
  semantics:
    "An ElastiCache replication group has transitEncryptionEnabled and atRestEncryptionEnabled true; a Memorystore instance has transitEncryptionMode SERVER_AUTHENTICATION and authEnabled true. One finding for each field. DynamoDB, Bigtable and serverless caches encrypt always and pass. Who may connect is not looked at.",
  parameters: z.strictObject({}),
  bad: redis(""),
  good: redis("  authEnabled: true\n"),
  check: (view) =>
    view.nodes.flatMap((node) =>
      (ONLINE_STORES[node.type] ?? []).flatMap(({ keys, value }) =>
        demand(
          node,
          keys,
          (found) => found === value,
          (found) => `${found}; allowed is ${JSON.stringify(value)}`,
        ),
      ),
    ),
});

/** Backups of a database of RDS: of a replica its source has them. */
function rdsBackups(node: ResourceNode, days: number, byDefault: number): readonly GraphOutcome[] {
  if (node.inputs.replicateSourceDb !== undefined || node.inputs.replicationSourceIdentifier !== undefined) return [];
  return atLeast(node, "backupRetentionPeriod", days, byDefault);
}

function atLeast(node: ResourceNode, key: string, least: number, byDefault: number): readonly GraphOutcome[] {
  const isEnough = (value: Value | undefined = byDefault) => typeof value === "number" && value >= least;
  return demand(node, [key], isEnough, (found) => `${found}; allowed are ${least} days or more`);
}

/** MySQL has its own word for recovery to a point in time. https://cloud.google.com/sql/docs/mysql/backup-recovery/pitr */
function sqlBackups(node: ResourceNode): readonly GraphOutcome[] {
  if (node.inputs.masterInstanceName !== undefined) return [];
  const configuration = ["settings", "backupConfiguration"];
  const isMysql = given(node.inputs.databaseVersion, (version) => String(version).startsWith("MYSQL"));
  const isOn = (key: string) => is(read(node.inputs, [...configuration, key]), true);
  const recovery = isMysql === true ? "binaryLogEnabled" : "pointInTimeRecoveryEnabled";
  return [
    ...told(
      node,
      pathOf([...configuration, "enabled"]),
      isOn("enabled"),
      "automatic backups are not enabled; allowed is true",
    ),
    ...told(
      node,
      pathOf([...configuration, recovery]),
      either(both(isMysql, isOn("binaryLogEnabled")), both(not(isMysql), isOn("pointInTimeRecoveryEnabled"))),
      "recovery to a point in time is not enabled; allowed is true",
    ),
  ];
}

/** DAT006: yesterday can be had back. */
export const pitrBackups = defineGraphRule({
  id: "DAT006",
  name: "pitr-backups",
  pack: "data",
  severity: "high",
  statement: "Databases of production have backups, and recovery to a point in time where there is such a thing.",
  why: "Protection against deletion does not help against a job that writes wrong features over right ones; only a copy of before does.",
  source: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
  semantics:
    "Production only. A DynamoDB table has pointInTimeRecovery.enabled; an RDS instance or cluster a backupRetentionPeriod of at least `days` (absent: 0 for an instance, 1 for a cluster); a Cloud SQL instance settings.backupConfiguration.enabled and pointInTimeRecoveryEnabled (MySQL: binaryLogEnabled); an ElastiCache replication group a snapshotRetentionLimit of at least 1. Read replicas are not judged. One finding for each field.",
  parameters: z.strictObject({
    days: z.int().min(1).max(35).default(7).describe("Days that backups of RDS are kept at least."),
  }),
  bad: table("{ protect: true }", "false"),
  good: table("{ protect: true }", "true"),
  check: (view, { days }, { environment }) =>
    environment === "production"
      ? [
          ...view.ofType(/^aws:dynamodb\/table:Table$/).flatMap((node) =>
            demand(
              node,
              ["pointInTimeRecovery", "enabled"],
              (value) => value === true,
              (found) => `${found}; allowed is true`,
            ),
          ),
          ...view.ofType(/^aws:rds\/instance:Instance$/).flatMap((node) => rdsBackups(node, days, 0)),
          ...view.ofType(/^aws:rds\/cluster:Cluster$/).flatMap((node) => rdsBackups(node, days, 1)),
          ...view.ofType(/^gcp:sql\/databaseInstance:DatabaseInstance$/).flatMap(sqlBackups),
          ...view
            .ofType(/^aws:elasticache\/replicationGroup:ReplicationGroup$/)
            .flatMap((node) => atLeast(node, "snapshotRetentionLimit", 1, 0)),
        ]
      : [],
});

const endpoint = (capture: string) => `apiVersion: plinth.dev/test
kind: aws:sagemaker/endpointConfiguration:EndpointConfiguration
metadata: { name: fraud }
spec:
  kmsKeyArn: arn:aws:kms:eu-west-1:123456789012:key/1f6c2a3e-0000-4000-8000-000000000000
  productionVariants: [{ modelName: fraud, instanceType: ml.g5.xlarge, initialInstanceCount: 2 }]
  dataCaptureConfig:
    destinationS3Uri: s3://captures/fraud
    initialSamplingPercentage: 10
${capture}    captureOptions: [{ captureMode: Input }]
`;

/** DAT007: what an endpoint writes down is encrypted by a key of one's own. */
export const endpointDataEncrypted = defineGraphRule({
  id: "DAT007",
  name: "endpoint-data-encrypted",
  pack: "data",
  severity: "high",
  statement: "Managed endpoints encrypt their disks and what they capture with a key that can be revoked.",
  why: "Requests and predictions are as personal as the training data; with a key of one's own access to them can be watched and ended.",
  source: "https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html",
  semantics:
    "An aws:sagemaker/endpointConfiguration:EndpointConfiguration has kmsKeyArn set and, where it has dataCaptureConfig, its kmsKeyId. A gcp:vertex/aiEndpoint:AiEndpoint has encryptionSpec set. A value that is known only after deployment counts as set. One finding for each field.",
  parameters: z.strictObject({}),
  bad: endpoint(""),
  good: endpoint("    kmsKeyId: alias/captures\n"),
  check: (view) => [
    ...view
      .ofType(/^aws:sagemaker\/endpointConfiguration:EndpointConfiguration$/)
      .flatMap((node) => [
        ...demandSet(node, ["kmsKeyArn"]),
        ...(node.inputs.dataCaptureConfig === undefined ? [] : demandSet(node, ["dataCaptureConfig", "kmsKeyId"])),
      ]),
    ...view.ofType(/^gcp:vertex\/aiEndpoint:AiEndpoint$/).flatMap((node) => demandSet(node, ["encryptionSpec"])),
  ],
});
