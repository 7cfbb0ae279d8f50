import { describe, expect, it } from "vitest";
import { assembleGraph } from "../../graph/assemble.js";
import type { Properties, ResourceNode, Value } from "../../graph/model.js";
import { judge } from "../../policy/judge.js";
import { refersTo } from "../cloud.js";
import { said } from "../fixtures/judged.js";
import { encryptedTls } from "./access.js";
import { lifecycleSafe, replicatedData } from "./durability.js";
import { onlineStoreSecure, pitrBackups, statefulProtected } from "./stores.js";
import { registryVersioned } from "./versioning.js";

const production = { environment: "production" as const, parameters: { DAT003: { required: true } } };
const node = (type: string, name: string, spec: string, options = "{}") =>
  `---\napiVersion: plinth.dev/test\nkind: ${type}\nmetadata: { name: ${name} }\nspec: ${spec}\noptions: ${options}\n`;
const bucket = (spec: string, name = "models") => node("aws:s3/bucket:Bucket", name, spec);
const gcs = (spec: string, name = "models") => node("gcp:storage/bucket:Bucket", name, spec);

it.each([replicatedData, statefulProtected, pitrBackups].map((rule) => [rule.id, rule] as const))(
  "%s is silent outside production",
  (_, rule) => {
    expect(said(rule.bad, [rule], production)).toHaveLength(1);
    expect(said(rule.bad, [rule], { ...production, environment: "development" })).toEqual([]);
    expect(said(rule.bad, [rule], { parameters: production.parameters })).toEqual([]);
  },
);

describe("refersTo", () => {
  const of = (type: string, name: string, inputs: Properties, origins: readonly string[] = []): ResourceNode => ({
    urn: `urn:pulumi:s::p::${type}::${name}`,
    type,
    name,
    kind: "custom",
    inputs,
    options: {},
    dependencies: [],
    propertyDependencies: origins.length > 0 ? { bucket: origins } : {},
  });
  const target = of("aws:s3/bucket:Bucket", "a", {});
  const other = of("aws:s3/bucket:Bucket", "b", {});
  const ask = (inputs: Properties, origins?: readonly string[], to = target) =>
    refersTo(of("aws:s3/bucketVersioning:BucketVersioning", "v", inputs, origins), "bucket", to, "bucket");

  it("follows the outputs that an input is made of", () => {
    expect(ask({ bucket: { $unknown: `${target.urn}.id` } }, [target.urn])).toBe(true);
    expect(ask({ bucket: { $unknown: `${target.urn}.id` } })).toBe(true);
    expect(ask({ bucket: "a" }, [target.urn])).toBe(true);
    expect(ask({ bucket: { $unknown: `${other.urn}.id` } }, [other.urn])).toBe(false);
    expect(ask({ bucket: { $unknown: `${other.urn}.id` } })).toBe(false);
  });

  it("compares names that are known, and is undecided where only deployment tells", () => {
    const named = (name?: Value) => of("aws:s3/bucket:Bucket", "a", name === undefined ? {} : { bucket: name });
    expect(ask({ bucket: "models" }, [], named("models"))).toBe(true);
    expect(ask({ bucket: "models" }, [], named("other"))).toBe(false);
    expect(ask({ bucket: "models" }, [], named())).toBe(false);
    expect(ask({ bucket: "models" }, [], named({ $unknown: "urn:x.y" }))).toEqual({ undecided: "urn:x.y" });
    expect(ask({ bucket: { $unknown: "urn:pulumi:s::p::test:index:Config::c.name" } })).toEqual({
      undecided: "urn:pulumi:s::p::test:index:Config::c.name",
    });
    expect(ask({})).toBe(false);
  });
});

describe("DAT001", () => {
  const versioning = (spec: string) => node("aws:s3/bucketVersioning:BucketVersioning", "v", spec);
  const verdicts = (yaml: string, buckets?: string) =>
    said(yaml, [registryVersioned], { parameters: { DAT001: buckets === undefined ? {} : { buckets } } }).map((line) =>
      line.replace("DAT001 ", ""),
    );

  it.each([
    ["no versioning", bucket("{}"), ["violation aws:s3:Bucket/models versioning"]],
    ["its own", bucket("{ versioning: { enabled: true } }"), []],
    ["its own, off", bucket("{ versioning: { enabled: false } }"), ["violation aws:s3:Bucket/models versioning"]],
    [
      "by name",
      bucket("{ bucket: m }") + versioning("{ bucket: m, versioningConfiguration: { status: Enabled } }"),
      [],
    ],
    [
      "suspended",
      bucket("{ bucket: m }") + versioning("{ bucket: m, versioningConfiguration: { status: Suspended } }"),
      ["violation aws:s3:Bucket/models versioning"],
    ],
    [
      "of another bucket",
      bucket("{ bucket: m }") + versioning("{ bucket: n, versioningConfiguration: { status: Enabled } }"),
      ["violation aws:s3:Bucket/models versioning"],
    ],
    [
      "of who knows",
      bucket("{ bucket: m }") + versioning("{ bucket: !unknown, versioningConfiguration: { status: Enabled } }"),
      ["undecided aws:s3:Bucket/models versioning"],
    ],
    [
      "suspended of who knows",
      bucket("{ bucket: m }") + versioning("{ bucket: !unknown, versioningConfiguration: { status: Suspended } }"),
      ["violation aws:s3:Bucket/models versioning"],
    ],
    [
      "a status nobody knows",
      bucket("{ bucket: m }") + versioning("{ bucket: m, versioningConfiguration: { status: !unknown } }"),
      ["undecided aws:s3:Bucket/models versioning"],
    ],
    ["Cloud Storage without", gcs("{}"), ["violation gcp:storage:Bucket/models versioning"]],
    ["Cloud Storage with", gcs("{ versioning: { enabled: true } }"), []],
    ["Cloud Storage, unknown", gcs("{ versioning: !unknown }"), ["undecided gcp:storage:Bucket/models versioning"]],
  ])("judges %s", (_, yaml, expected) => {
    expect(verdicts(yaml)).toEqual(expected);
  });

  it("judges the buckets that are meant, by the name in the program or in the cloud", () => {
    expect(verdicts(bucket("{}", "logs"))).toEqual([]);
    expect(verdicts(bucket("{ bucket: acme-models }", "store"))).toHaveLength(1);
    expect(verdicts(bucket("{}", "trainingModels"))).toHaveLength(1);
    expect(verdicts(bucket("{}", "logs"), "log")).toHaveLength(1);
    expect(registryVersioned.parameters.safeParse({ buckets: "(" }).success).toBe(false);
  });

  it("follows a reference in a program, where no name is known before deployment", () => {
    const model: ResourceNode = {
      urn: "urn:pulumi:s::p::aws:s3/bucket:Bucket::models",
      type: "aws:s3/bucket:Bucket",
      name: "models",
      kind: "custom",
      inputs: {},
      options: {},
      dependencies: [],
      propertyDependencies: {},
    };
    const its: ResourceNode = {
      ...model,
      urn: "urn:pulumi:s::p::aws:s3/bucketVersioning:BucketVersioning::v",
      type: "aws:s3/bucketVersioning:BucketVersioning",
      name: "v",
      inputs: { bucket: { $unknown: `${model.urn}.id` }, versioningConfiguration: { status: "Enabled" } },
      dependencies: [model.urn],
      propertyDependencies: { bucket: [model.urn] },
    };
    const graph = assembleGraph({ origin: "test", project: "p", stack: "s", nodes: [model, its] });
    expect(judge(graph, [registryVersioned]).findings).toEqual([]);
  });
});

describe("DAT002", () => {
  const block = (spec: string) => node("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "b", spec);
  const closed = "blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true";
  const policy = (spec: string) => node("aws:s3/bucketPolicy:BucketPolicy", "p", spec);
  const denies = (condition: string, action = "s3:*") =>
    `{ bucket: m, policy: { Statement: { Effect: Deny, Principal: "*", Action: "${action}", Resource: !unknown, Condition: ${condition} } } }`;
  const tls = denies('{ Bool: { "aws:SecureTransport": "false" } }');
  const paths = (yaml: string, config = {}) =>
    said(yaml, [encryptedTls], { parameters: { DAT002: config } }).map((line) => line.split(" ").at(-1));

  it.each([
    ["nothing", "", ["publicAccessBlock", "policy"]],
    ["all", block(`{ bucket: m, ${closed} }`) + policy(tls), []],
    ["three of four", block(`{ bucket: m, ${closed.replace("true", "false")} }`) + policy(tls), ["publicAccessBlock"]],
    [
      "the block of the account",
      node("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "a", `{ ${closed} }`) + policy(tls),
      [],
    ],
    [
      "a boolean in the condition",
      block(`{ bucket: m, ${closed} }`) + policy(denies('{ Bool: { "aws:SecureTransport": false } }')),
      [],
    ],
    [
      "a condition that allows",
      block(`{ bucket: m, ${closed} }`) + policy(denies('{ Bool: { "aws:SecureTransport": "true" } }')),
      ["policy"],
    ],
    [
      "reading only",
      block(`{ bucket: m, ${closed} }`) +
        policy(denies('{ Bool: { "aws:SecureTransport": "false" } }', "s3:GetObject")),
      ["policy"],
    ],
  ])("judges a bucket with %s", (_, others, expected) => {
    expect(paths(bucket("{ bucket: m }") + others)).toEqual(expected);
  });

  it("is undecided for an unknown policy of the bucket", () => {
    expect(
      said(bucket("{ bucket: m }") + block(`{ bucket: m, ${closed} }`) + policy("{ bucket: m, policy: !unknown }"), [
        encryptedTls,
      ]),
    ).toEqual(["DAT002 undecided aws:s3:Bucket/models policy"]);
  });

  it("asks for a key of the key management service where that is configured", () => {
    const sse = (algorithm: string) =>
      node(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "e",
        `{ bucket: m, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "${algorithm}" } }] }`,
      );
    const safe = bucket("{ bucket: m }") + block(`{ bucket: m, ${closed} }`) + policy(tls);
    expect(paths(safe, { cmk: true })).toEqual(["encryption"]);
    expect(paths(safe + sse("AES256"), { cmk: true })).toEqual(["encryption"]);
    expect(paths(safe + sse("aws:kms"), { cmk: true })).toEqual([]);
    const google = gcs("{ publicAccessPrevention: enforced, uniformBucketLevelAccess: true }");
    expect(paths(google)).toEqual([]);
    expect(paths(google, { cmk: true })).toEqual(["encryption"]);
    expect(paths(gcs("{}"))).toEqual(["publicAccessPrevention", "uniformBucketLevelAccess"]);
  });
});

describe("DAT003", () => {
  it.each([
    [gcs("{ location: EU }"), 0],
    [gcs("{ location: eur4 }"), 0],
    [gcs("{ location: europe-west1 }"), 1],
    [gcs("{ location: US-EAST1, customPlacementConfig: { dataLocations: [US-EAST1, US-WEST1] } }"), 0],
    [
      bucket("{ bucket: m }") +
        node(
          "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
          "r",
          "{ bucket: m, rules: [{ status: Disabled }] }",
        ),
      1,
    ],
    [
      bucket("{ bucket: m }") +
        node(
          "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
          "r",
          "{ bucket: m, rules: [{ status: Enabled }] }",
        ),
      0,
    ],
  ])("judges %s", (yaml, count) => {
    expect(said(yaml, [replicatedData], production)).toHaveLength(count);
    expect(said(yaml, [replicatedData], { environment: "production" })).toEqual([]);
  });
});

describe("DAT004", () => {
  it.each([
    ["a bucket", bucket("{}"), ["protect"]],
    [
      "a bucket that is emptied",
      node("aws:s3/bucket:Bucket", "b", "{ forceDestroy: true }", "{ protect: true }"),
      ["forceDestroy"],
    ],
    ["a bucket that is retained", node("aws:s3/bucket:Bucket", "b", "{}", "{ retainOnDelete: true }"), []],
    ["a table with protection", node("aws:dynamodb/table:Table", "t", "{ deletionProtectionEnabled: true }"), []],
    ["a table without", node("aws:dynamodb/table:Table", "t", "{}"), ["protect"]],
    [
      "a database nobody knows of",
      node("aws:rds/instance:Instance", "t", "{ deletionProtection: !unknown }"),
      ["deletionProtection"],
    ],
    ["Cloud SQL as it is", node("gcp:sql/databaseInstance:DatabaseInstance", "t", "{}"), []],
    [
      "Cloud SQL without",
      node("gcp:sql/databaseInstance:DatabaseInstance", "t", "{ deletionProtection: false }"),
      ["protect"],
    ],
    ["what holds no state", node("aws:sqs/queue:Queue", "t", "{}"), []],
  ])("judges %s", (_, yaml, paths) => {
    expect(said(yaml, [statefulProtected], production).map((line) => line.split(" ").at(-1))).toEqual(paths);
  });
});

describe("DAT005 and DAT006", () => {
  const paths = (type: string, spec: string) =>
    said(node(type, "n", spec), [onlineStoreSecure, pitrBackups], production).map((line) => line.split(" ").at(-1));

  it.each([
    [
      "aws:elasticache/replicationGroup:ReplicationGroup",
      "{ transitEncryptionEnabled: true, snapshotRetentionLimit: 1 }",
      ["atRestEncryptionEnabled"],
    ],
    [
      "aws:elasticache/replicationGroup:ReplicationGroup",
      "{ transitEncryptionEnabled: true, atRestEncryptionEnabled: true }",
      ["snapshotRetentionLimit"],
    ],
    [
      "gcp:redis/instance:Instance",
      "{ transitEncryptionMode: DISABLED, authEnabled: true }",
      ["transitEncryptionMode"],
    ],
    ["aws:dynamodb/table:Table", "{}", ["pointInTimeRecovery.enabled"]],
    ["aws:dynamodb/table:Table", "{ pointInTimeRecovery: !unknown }", ["pointInTimeRecovery"]],
    ["aws:rds/instance:Instance", "{}", ["backupRetentionPeriod"]],
    ["aws:rds/instance:Instance", "{ backupRetentionPeriod: 7 }", []],
    ["aws:rds/instance:Instance", "{ replicateSourceDb: x }", []],
    ["aws:rds/cluster:Cluster", "{ backupRetentionPeriod: 6 }", ["backupRetentionPeriod"]],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      "{ databaseVersion: POSTGRES_17 }",
      ["settings.backupConfiguration.enabled", "settings.backupConfiguration.pointInTimeRecoveryEnabled"],
    ],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      "{ databaseVersion: MYSQL_8_4, settings: { backupConfiguration: { enabled: true, binaryLogEnabled: true } } }",
      [],
    ],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      "{ databaseVersion: MYSQL_8_4, settings: { backupConfiguration: { enabled: true, pointInTimeRecoveryEnabled: true } } }",
      ["settings.backupConfiguration.binaryLogEnabled"],
    ],
    ["gcp:sql/databaseInstance:DatabaseInstance", "{ masterInstanceName: a }", []],
  ])("judge %s with %s", (type, spec, expected) => {
    expect(paths(type, spec)).toEqual(expected);
  });
});

describe("DAT008", () => {
  const lifecycle = (rules: string, name = "m") =>
    node(
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "l",
      `{ bucket: ${name}, rules: ${rules} }`,
    );
  const paths = (yaml: string) =>
    said(yaml, [lifecycleSafe]).map((line) => line.replace("DAT008 ", "").replace(/ \S+ /, " "));

  it.each([
    ["[{ status: Enabled, expiration: { days: 30 } }]", ["violation rules[0].expiration.days"]],
    ["[{ status: Enabled, expiration: { days: 90 } }]", []],
    ["[{ status: Disabled, expiration: { days: 1 } }]", []],
    [
      "[{ status: Enabled }, { status: Enabled, noncurrentVersionExpiration: { noncurrentDays: 7 } }]",
      ["violation rules[1].noncurrentVersionExpiration.noncurrentDays"],
    ],
    ["[{ status: Enabled, expiration: { days: !unknown } }]", ["undecided rules[0].expiration.days"]],
    ["[{ status: Enabled, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }]", []],
  ])("judges the rules %s", (rules, expected) => {
    expect(paths(bucket("{ bucket: m }") + lifecycle(rules))).toEqual(expected);
  });

  it("judges the buckets that are meant, also those that another program makes", () => {
    const short = "[{ status: Enabled, expiration: { days: 1 } }]";
    expect(paths(lifecycle(short, "acme-models"))).toHaveLength(1);
    expect(paths(lifecycle(short, "acme-logs"))).toEqual([]);
    expect(paths(bucket("{ bucket: m }", "logs") + lifecycle(short))).toEqual([]);
  });
});
