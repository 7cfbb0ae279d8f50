import { describe, expect, it } from "vitest";
import type { Properties, ResourceGraph } from "../model.js";
import { type Given, graph, manifests, node, risksTold } from "./fixtures/graphs.js";
import { diffGraphs } from "./index.js";

describe("risks", () => {
  const risk = (before: Given | undefined, after: Given | undefined) =>
    risksTold(diffGraphs(graph(...(before ? [node(before)] : [])), graph(...(after ? [node(after)] : []))));
  const rds = "aws:rds/instance:Instance";

  it("are what is removed or replaced with its data, and what would refuse it", () => {
    expect(risk({}, undefined)).toEqual(["removal  Removing it deletes the objects in the bucket."]);
    expect(risk({ options: { protect: true } }, undefined)).toEqual([
      "removal  Removing it deletes the objects in the bucket. Pulumi refuses it while the resource is protected.",
    ]);
    expect(risk({ options: { retainOnDelete: true } }, undefined)).toEqual([]);
    expect(risk({ kind: "read" }, undefined)).toEqual([]);
    expect(risk({ inputs: { bucket: "a" } }, { inputs: { bucket: "b" } })).toEqual([
      "replacement  Replacing it deletes the objects in the bucket (bucket cannot be changed in place).",
    ]);
    expect(risk({ type: rds, inputs: { deletionProtection: true } }, undefined)).toEqual([
      "removal  Removing it deletes the databases in it. It is refused while deletionProtection is on.",
    ]);
    expect(risk({ type: "aws:sns/topic:Topic" }, undefined)).toEqual([]);
  });

  it("are uncertain when a value known only after deployment decides", () => {
    const diff = diffGraphs(
      graph(node({ inputs: { bucket: "a" } })),
      graph(node({ inputs: { bucket: { $unknown: "u.b" } } })),
    );
    expect(diff.risks).toMatchObject([
      { kind: "replacement", certain: false, message: expect.stringMatching(/^If it is replaced/) },
    ]);
    const protection = { type: rds, inputs: { deletionProtection: true } };
    expect(risk(protection, { type: rds, inputs: { deletionProtection: { $unknown: "u.b" } } })).toEqual([
      "protection deletionProtection deletionProtection may be lowered: true → known after deployment. What it kept from being lost no longer is.",
    ]);
  });

  it.each<[string, Properties, Properties, string[]]>([
    ["aws:s3/bucket:Bucket", { forceDestroy: false }, { forceDestroy: true }, ["deletion forceDestroy"]],
    ["aws:s3/bucket:Bucket", {}, { forceDestroy: true }, ["deletion forceDestroy"]],
    ["aws:s3/bucket:Bucket", { forceDestroy: true }, {}, []],
    [rds, { backupRetentionPeriod: 14 }, { backupRetentionPeriod: 7 }, ["retention backupRetentionPeriod"]],
    [rds, { backupRetentionPeriod: 7 }, { backupRetentionPeriod: 14 }, []],
    [rds, { backupRetentionPeriod: 7 }, {}, []],
    [rds, { skipFinalSnapshot: false }, { skipFinalSnapshot: true }, ["deletion skipFinalSnapshot"]],
    [
      "aws:cloudwatch/logGroup:LogGroup",
      { retentionInDays: 0 },
      { retentionInDays: 30 },
      ["retention retentionInDays"],
    ],
    ["aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 30 }, {}, []],
    [
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      { rules: [{ id: "a", expiration: { days: 90 } }, { id: "b" }] },
      {
        rules: [
          { id: "b", expiration: { days: 10 } },
          { id: "a", expiration: { days: 30 } },
        ],
      },
      ["retention rules[id=a].expiration.days", "retention rules[id=b].expiration.days"],
    ],
    [
      "aws:s3/bucketVersioning:BucketVersioning",
      { versioningConfiguration: { status: "Enabled" } },
      { versioningConfiguration: { status: "Suspended" } },
      ["protection versioningConfiguration.status"],
    ],
    ["gcp:sql/databaseInstance:DatabaseInstance", {}, { deletionProtection: false }, ["protection deletionProtection"]],
    [
      "kubernetes:core/v1:PersistentVolume",
      {},
      { spec: { persistentVolumeReclaimPolicy: "Delete" } },
      ["deletion spec.persistentVolumeReclaimPolicy"],
    ],
    [
      "kubernetes:apps/v1:StatefulSet",
      {},
      { spec: { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } } },
      ["deletion spec.persistentVolumeClaimRetentionPolicy.whenDeleted"],
    ],
  ])("of %s from %j to %j are %j", (type, before, after, expected) => {
    const found = risk({ type, inputs: before }, { type, inputs: after });
    expect(found.map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual(expected);
  });

  it("are options that kept a resource", () => {
    expect(risk({ options: { protect: true, retainOnDelete: true } }, {})).toEqual([
      "protection protect The option protect is switched off: a later change can delete it.",
      "protection retainOnDelete The option retainOnDelete is switched off: a later change can delete it.",
    ]);
  });

  it("of a setting that is a resource of its own are told where what it is about stays", () => {
    const bucket = node({});
    const versioning = node({
      type: "aws:s3/bucketVersioning:BucketVersioning",
      inputs: { versioningConfiguration: { status: "Enabled" } },
      rest: { dependencies: [bucket.urn] },
    });
    const rules = node({
      type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      inputs: { rules: [{ id: "old", expiration: { days: 30 } }] },
      rest: { dependencies: [bucket.urn] },
    });
    const paths = (base: ResourceGraph, head: ResourceGraph) =>
      diffGraphs(base, head).risks.map(({ kind, path }) => `${kind} ${path}`);
    expect(paths(graph(bucket, versioning), graph(bucket))).toEqual(["protection versioningConfiguration.status"]);
    expect(paths(graph(bucket, versioning), graph())).toEqual(["removal undefined"]);
    expect(paths(graph(bucket), graph(bucket, rules))).toEqual(["retention rules[id=old].expiration.days"]);
    expect(paths(graph(), graph(bucket, rules))).toEqual([]);
  });

  it("are a namespace with claims in it, a claim, and a definition with its objects", () => {
    const yaml = (kind: string, name: string, namespace = "", apiVersion = "v1") =>
      `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}${namespace && `, namespace: ${namespace}`} }\n`;
    const all = [yaml("Namespace", "ml"), yaml("PersistentVolumeClaim", "models", "ml"), yaml("Namespace", "empty")];
    const definition = yaml("CustomResourceDefinition", "a.b", "", "apiextensions.k8s.io/v1");
    const keep = yaml("Service", "s", "ml");
    expect(risksTold(diffGraphs(manifests([...all, definition, keep].join("---\n")), manifests(keep)))).toEqual([
      "removal  Removing it deletes every object of this kind in the cluster.",
      "removal  Removing it deletes everything in the namespace, also PersistentVolumeClaim ml/models.",
      "removal  Removing it deletes the volume, unless its storage class retains volumes.",
    ]);
  });
});
