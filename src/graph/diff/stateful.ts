/** What holds data that a deployment cannot bring back. */
export interface Stateful {
  /** What is lost with it. */
  readonly holds: string;
  /** The input that makes the cloud refuse to delete it while it is true. */
  readonly guard?: string;
  /** What the guard is when it is absent. @default false */
  readonly guardDefault?: boolean;
}

/**
 * A setting that keeps data: `safe` are the values that keep it, `longer` is a time or a number of copies that keeps more
 * when it is greater, `later` a time after which data is deleted (absent: never). `absent` is what counts when the setting
 * is not there; without it the provider keeps what is deployed, and nothing is said.
 */
export type Setting = {
  readonly path: string;
  readonly kind: "protection" | "deletion" | "retention";
} & (
  | { readonly safe: readonly (boolean | string)[]; readonly absent: boolean | string }
  | { readonly longer: true; readonly absent?: number }
  | { readonly later: true; readonly zeroIsNever?: true }
);

const s3: Stateful = { holds: "the objects in the bucket" };
const database: Stateful = { holds: "the databases in it", guard: "deletionProtection" };
const guardedByDefault = { guard: "deletionProtection", guardDefault: true };

/** Source of fields and defaults: @pulumi/aws 7.48.0, @pulumi/gcp 9.37.0, Kubernetes 1.36. */
export const statefulTypes: { readonly [type: string]: Stateful } = {
  "aws:dynamodb/table:Table": { holds: "the items of the table", guard: "deletionProtectionEnabled" },
  "aws:docdb/cluster:Cluster": database,
  "aws:ebs/volume:Volume": { holds: "the volume" },
  "aws:ecr/repository:Repository": { holds: "the images in it" },
  "aws:efs/fileSystem:FileSystem": { holds: "the files in it" },
  "aws:eks/cluster:Cluster": { holds: "everything in the cluster", guard: "deletionProtection" },
  "aws:elasticache/replicationGroup:ReplicationGroup": { holds: "what the cache holds" },
  "aws:fsx/lustreFileSystem:LustreFileSystem": { holds: "the files in it" },
  "aws:kms/key:Key": { holds: "everything encrypted with the key" },
  "aws:memorydb/cluster:Cluster": { holds: "what the store holds" },
  "aws:opensearch/domain:Domain": { holds: "the indexes in it" },
  "aws:rds/cluster:Cluster": database,
  "aws:rds/instance:Instance": database,
  "aws:s3/bucket:Bucket": s3,
  "aws:s3/bucketV2:BucketV2": s3,
  "aws:secretsmanager/secret:Secret": { holds: "the secret" },
  "aws:sqs/queue:Queue": { holds: "the messages in the queue" },
  "aws:timestreaminfluxdb/dbInstance:DbInstance": { holds: "the databases in it" },
  "gcp:artifactregistry/repository:Repository": { holds: "the images in it" },
  "gcp:bigquery/dataset:Dataset": { holds: "the tables in it" },
  "gcp:bigquery/table:Table": { holds: "the rows of the table", ...guardedByDefault },
  "gcp:bigtable/instance:Instance": { holds: "the tables in it", ...guardedByDefault },
  "gcp:compute/disk:Disk": { holds: "the disk" },
  "gcp:container/cluster:Cluster": { holds: "everything in the cluster", ...guardedByDefault },
  "gcp:filestore/instance:Instance": { holds: "the files in it", guard: "deletionProtectionEnabled" },
  "gcp:firestore/database:Database": { holds: "the documents in it" },
  "gcp:kms/cryptoKey:CryptoKey": { holds: "everything encrypted with the key" },
  "gcp:redis/instance:Instance": { holds: "what the cache holds", ...guardedByDefault },
  "gcp:secretmanager/secret:Secret": { holds: "the secret" },
  "gcp:spanner/database:Database": { holds: "the tables in it", ...guardedByDefault },
  "gcp:sql/database:Database": { holds: "the database" },
  "gcp:sql/databaseInstance:DatabaseInstance": { holds: "the databases in it", ...guardedByDefault },
  "gcp:storage/bucket:Bucket": { holds: "the objects in the bucket" },
};

/** By `group/Kind`, "" for the core group. */
export const statefulKinds: { readonly [kind: string]: Stateful } = {
  "/PersistentVolume": { holds: "the volume, unless its reclaim policy is Retain" },
  "/PersistentVolumeClaim": { holds: "the volume, unless its storage class retains volumes" },
  "apiextensions.k8s.io/CustomResourceDefinition": { holds: "every object of this kind in the cluster" },
  "postgresql.cnpg.io/Cluster": { holds: "the databases in it" },
};

const expiration: readonly Setting[] = [
  { path: "rules[*].expiration.days", kind: "retention", later: true },
  { path: "rules[*].noncurrentVersionExpiration.noncurrentDays", kind: "retention", later: true },
];

const s3Settings: readonly Setting[] = [
  { path: "forceDestroy", kind: "deletion", safe: [false], absent: false },
  { path: "versioning.enabled", kind: "protection", safe: [true], absent: false },
  { path: "lifecycleRules[*].expiration.days", kind: "retention", later: true },
  { path: "lifecycleRules[*].noncurrentVersionExpiration.days", kind: "retention", later: true },
];

const rdsSettings: readonly Setting[] = [
  { path: "deletionProtection", kind: "protection", safe: [true], absent: false },
  { path: "skipFinalSnapshot", kind: "deletion", safe: [false], absent: false },
  { path: "deleteAutomatedBackups", kind: "deletion", safe: [false], absent: true },
  { path: "backupRetentionPeriod", kind: "retention", longer: true },
];

const protectedByDefault: Setting = { path: "deletionProtection", kind: "protection", safe: [true], absent: true };
const deletionPolicy = (absent: string): Setting => ({
  path: "deletionPolicy",
  kind: "deletion",
  safe: ["ABANDON", "PREVENT"],
  absent,
});

/** The settings of clouds' resources by type. Source as above. */
export const settings: { readonly [type: string]: readonly Setting[] } = {
  "aws:cloudwatch/logGroup:LogGroup": [{ path: "retentionInDays", kind: "retention", later: true, zeroIsNever: true }],
  "aws:dynamodb/table:Table": [
    { path: "deletionProtectionEnabled", kind: "protection", safe: [true], absent: false },
    { path: "pointInTimeRecovery.enabled", kind: "protection", safe: [true], absent: false },
    { path: "pointInTimeRecovery.recoveryPeriodInDays", kind: "retention", longer: true, absent: 35 },
    { path: "ttl.enabled", kind: "retention", safe: [false], absent: false },
  ],
  "aws:docdb/cluster:Cluster": rdsSettings.filter(({ path }) => path !== "deleteAutomatedBackups"),
  "aws:ecr/repository:Repository": [{ path: "forceDelete", kind: "deletion", safe: [false], absent: false }],
  "aws:eks/cluster:Cluster": [{ path: "deletionProtection", kind: "protection", safe: [true], absent: false }],
  "aws:elasticache/replicationGroup:ReplicationGroup": [
    { path: "snapshotRetentionLimit", kind: "retention", longer: true, absent: 0 },
  ],
  "aws:kms/key:Key": [{ path: "deletionWindowInDays", kind: "retention", longer: true, absent: 30 }],
  "aws:rds/cluster:Cluster": rdsSettings,
  "aws:rds/instance:Instance": rdsSettings,
  "aws:s3/bucket:Bucket": s3Settings,
  "aws:s3/bucketV2:BucketV2": s3Settings,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": expiration,
  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": expiration,
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": [
    { path: "rule.defaultRetention.days", kind: "retention", longer: true, absent: 0 },
    { path: "rule.defaultRetention.years", kind: "retention", longer: true, absent: 0 },
  ],
  "aws:s3/bucketVersioning:BucketVersioning": [
    { path: "versioningConfiguration.status", kind: "protection", safe: ["Enabled"], absent: "Disabled" },
  ],
  "aws:s3/bucketVersioningV2:BucketVersioningV2": [
    { path: "versioningConfiguration.status", kind: "protection", safe: ["Enabled"], absent: "Disabled" },
  ],
  "aws:secretsmanager/secret:Secret": [{ path: "recoveryWindowInDays", kind: "retention", longer: true, absent: 30 }],
  "aws:sqs/queue:Queue": [{ path: "messageRetentionSeconds", kind: "retention", longer: true, absent: 345_600 }],
  "gcp:bigquery/table:Table": [
    protectedByDefault,
    { path: "expirationTime", kind: "retention", later: true },
    { path: "timePartitioning.expirationMs", kind: "retention", later: true },
  ],
  "gcp:bigquery/dataset:Dataset": [
    { path: "deleteContentsOnDestroy", kind: "deletion", safe: [false], absent: false },
    { path: "defaultTableExpirationMs", kind: "retention", later: true },
  ],
  "gcp:bigtable/instance:Instance": [
    protectedByDefault,
    { path: "forceDestroy", kind: "deletion", safe: [false], absent: false },
  ],
  "gcp:container/cluster:Cluster": [protectedByDefault],
  "gcp:filestore/instance:Instance": [
    { path: "deletionProtectionEnabled", kind: "protection", safe: [true], absent: false },
  ],
  "gcp:firestore/database:Database": [deletionPolicy("ABANDON")],
  "gcp:redis/instance:Instance": [
    protectedByDefault,
    { path: "persistenceConfig.persistenceMode", kind: "protection", safe: ["RDB"], absent: "DISABLED" },
  ],
  "gcp:spanner/database:Database": [protectedByDefault],
  "gcp:sql/database:Database": [deletionPolicy("DELETE")],
  "gcp:sql/databaseInstance:DatabaseInstance": [
    protectedByDefault,
    { path: "settings.deletionProtectionEnabled", kind: "protection", safe: [true], absent: false },
    { path: "settings.backupConfiguration.enabled", kind: "protection", safe: [true], absent: false },
    {
      path: "settings.backupConfiguration.pointInTimeRecoveryEnabled",
      kind: "protection",
      safe: [true],
      absent: false,
    },
    { path: "settings.backupConfiguration.transactionLogRetentionDays", kind: "retention", longer: true, absent: 7 },
    {
      path: "settings.backupConfiguration.backupRetentionSettings.retainedBackups",
      kind: "retention",
      longer: true,
      absent: 7,
    },
  ],
  "gcp:storage/bucket:Bucket": [
    { path: "forceDestroy", kind: "deletion", safe: [false], absent: false },
    { path: "versioning.enabled", kind: "protection", safe: [true], absent: false },
    { path: "retentionPolicy.retentionPeriod", kind: "retention", longer: true, absent: 0 },
    { path: "softDeletePolicy.retentionDurationSeconds", kind: "retention", longer: true },
    { path: "lifecycleRules[*].condition.age", kind: "retention", later: true },
  ],
};

/** The settings of Kubernetes objects by `group/Kind`. Source: the API reference of Kubernetes 1.36. */
export const kindSettings: { readonly [kind: string]: readonly Setting[] } = {
  "/PersistentVolume": [
    { path: "spec.persistentVolumeReclaimPolicy", kind: "deletion", safe: ["Retain"], absent: "Retain" },
  ],
  "apps/StatefulSet": [
    {
      path: "spec.persistentVolumeClaimRetentionPolicy.whenDeleted",
      kind: "deletion",
      safe: ["Retain"],
      absent: "Retain",
    },
    {
      path: "spec.persistentVolumeClaimRetentionPolicy.whenScaled",
      kind: "deletion",
      safe: ["Retain"],
      absent: "Retain",
    },
  ],
  "snapshot.storage.k8s.io/VolumeSnapshotClass": [
    { path: "deletionPolicy", kind: "deletion", safe: ["Retain"], absent: "Delete" },
  ],
  "storage.k8s.io/StorageClass": [{ path: "reclaimPolicy", kind: "deletion", safe: ["Retain"], absent: "Delete" }],
};
