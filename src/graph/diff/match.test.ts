import { describe, expect, it } from "vitest";
import type { NodeOptions, Properties, ResourceNode } from "../model.js";
import { deployment, graph, node, stack, told } from "./fixtures/graphs.js";
import { diffGraphs } from "./index.js";

describe("renames", () => {
  const component = (name: string, options: NodeOptions = {}) =>
    node({ type: "plinth:index:ModelRegistry", name, kind: "component", options });

  it.each<[string, NodeOptions["aliases"]]>([
    ["a URN", ["urn:pulumi:prod::shop::aws:s3/bucket:Bucket::old"]],
    ["a name", [{ name: "old", parent: stack }]],
    ["a name and no parent", [{ name: "old", noParent: true }]],
    ["another project", ["urn:pulumi:prod::former::aws:s3/bucket:Bucket::old"]],
  ])("are found by %s", (_, aliases) => {
    const diff = diffGraphs(
      graph(node({ name: "old" })),
      graph(node({ options: { aliases: aliases as Properties[] } })),
    );
    expect(told(diff)).toEqual(["rename aws:s3:Bucket models"]);
    expect(diff.changes[0]).toMatchObject({
      formerUrn: "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::old",
      formerTitle: "aws:s3:Bucket old",
    });
    expect(diff.risks).toEqual([]);
  });

  it("of a component take with them the children that have its name in theirs, or its type", () => {
    const before = component("old");
    const bucket = (parent: ResourceNode, name: string) => node({ parent, name });
    const reader = (parent: ResourceNode) =>
      deployment("d", { bucket: { $unknown: `${bucket(parent, `${parent.name}-bucket`).urn}.bucket` } });
    const parts = (parent: ResourceNode) =>
      graph(parent, bucket(parent, `${parent.name}-bucket`), bucket(parent, "log"), reader(parent));
    const after = component("new", { aliases: [{ name: "old", parent: stack }] });
    const diff = diffGraphs(parts(before), parts(after));
    expect(told(diff)).toEqual(["rename aws:s3:Bucket new-bucket", "rename ModelRegistry new"]);
    const aliases: Properties[] = [{ type: before.type, parent: stack }];
    const moved = node({ type: "plinth:index:Registry", name: "old", kind: "component", options: { aliases } });
    expect(told(diffGraphs(parts(before), parts(moved)))).toEqual([
      "rename aws:s3:Bucket log",
      "rename aws:s3:Bucket old-bucket",
      "rename Registry old",
    ]);
  });

  it("are changes too when values differ, and nothing without an alias", () => {
    const base = graph(node({ name: "old", inputs: { tags: { a: "1" } } }));
    const aliases: Properties[] = [{ name: "old", parent: stack }];
    expect(told(diffGraphs(base, graph(node({ options: { aliases }, inputs: { tags: { a: "2" } } }))))).toEqual([
      "change aws:s3:Bucket models tags.a",
    ]);
    expect(told(diffGraphs(base, graph(node({}))))).toEqual(["add aws:s3:Bucket models", "remove aws:s3:Bucket old"]);
  });
});
