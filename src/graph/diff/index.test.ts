import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleGraph } from "../assemble.js";
import { program } from "../fixtures/program.js";
import type { Properties, ResourceGraph } from "../model.js";
import { deployment, graph, manifests, node, stack, told } from "./fixtures/graphs.js";
import { diffGraphs } from "./index.js";

describe("the difference of two graphs", () => {
  it("is empty for a graph and itself, whatever the order of its nodes", () => {
    const empty = { changes: [], risks: [] };
    expect(diffGraphs(program, program)).toMatchObject(empty);
    expect(diffGraphs(program, { ...program, nodes: [...program.nodes].reverse() })).toMatchObject(empty);
  });

  it("tells what comes, what goes and what changes, with the place in the program", () => {
    const source = { file: "index.ts", line: 7 };
    const base = graph(deployment("old"), deployment("server", { spec: { replicas: 1 } }));
    const head = graph({ ...deployment("server", { spec: { replicas: 2, paused: true } }), source }, deployment("new"));
    const diff = diffGraphs(base, head);
    expect(told(diff)).toEqual([
      "add Deployment ml/new",
      "remove Deployment ml/old",
      "change Deployment ml/server spec.paused spec.replicas",
    ]);
    expect(diff.changes[2]).toMatchObject({
      source,
      paths: [
        { of: "input", path: "spec.paused", change: "added", after: true, certain: true, replaces: false },
        { of: "input", path: "spec.replicas", change: "changed", before: 1, after: 2, certain: true, replaces: false },
      ],
    });
    expect(diff.summary).toEqual({
      add: 1,
      remove: 1,
      replace: 0,
      change: 1,
      rename: 0,
      unchanged: 0,
      risks: 0,
      uncomparedSecrets: 0,
    });
  });

  it("compares entries of a list by their names and tells a new order", () => {
    const spec = (...containers: Properties[]) => ({ spec: { template: { spec: { containers } } } });
    const base = deployment("d", spec({ name: "a", image: "a:1" }, { name: "b", image: "b:1" }));
    const added = deployment(
      "d",
      spec({ name: "new", image: "n:1" }, { name: "a", image: "a:1" }, { name: "b", image: "b:2" }),
    );
    const swapped = deployment("d", spec({ name: "b", image: "b:1" }, { name: "a", image: "a:1" }));
    const at = "spec.template.spec.containers";
    expect(told(diffGraphs(graph(base), graph(added)))).toEqual([
      `change Deployment ml/d ${at}[name=b].image ${at}[name=new]`,
    ]);
    expect(diffGraphs(graph(base), graph(swapped)).changes[0]?.paths).toEqual([
      {
        of: "input",
        path: at,
        change: "reordered",
        before: ["a", "b"],
        after: ["b", "a"],
        certain: true,
        replaces: false,
      },
    ]);
  });

  it("says of unknown values that nobody knows, and not where both come from the same place", () => {
    const role = (place: string) => deployment("d", { role: { $unknown: place } });
    const place = "urn:pulumi:prod::shop::aws:iam/role:Role::r.arn";
    expect(told(diffGraphs(graph(role(place)), graph(role(place))))).toEqual([]);
    const [change] = diffGraphs(graph(role(place)), graph(role(`${place}2`))).changes;
    expect(change).toMatchObject({ action: "change", paths: [{ path: "role", change: "changed", certain: false }] });
    const bucket = (inputs: Properties) => graph(node({ type: "aws:dynamodb/table:Table", inputs }));
    expect(told(diffGraphs(bucket({ name: "t" }), bucket({ name: { $unknown: place } })))).toEqual([
      "maybe replace aws:dynamodb:Table models name!",
    ]);
  });

  it("compares secrets where the process knows both, never tells them, and counts the others", () => {
    const secret = (urn: string) => graph(deployment("d", { token: { $secret: `${urn}.token` } }));
    const known = (value: string) => new Map([["u.token", value]]);
    const diff = diffGraphs(secret("u"), secret("u"), { base: known("hunter2"), head: known("hunter3") });
    expect(diff.changes[0]?.paths).toMatchObject([{ path: "token", change: "changed", after: { $secret: "u.token" } }]);
    expect(JSON.stringify(diff)).not.toContain("hunter");
    expect(told(diffGraphs(secret("u"), secret("u"), { base: known("a"), head: known("a") }))).toEqual([]);
    expect(diffGraphs(secret("u"), secret("u")).summary).toMatchObject({ uncomparedSecrets: 1, unchanged: 1 });
    const plain = graph(deployment("d", { token: "x" }));
    expect(told(diffGraphs(secret("u"), plain))).toEqual(["change Deployment ml/d token"]);
  });

  it("compares two stacks of a program, and folders of manifests with other names", () => {
    const other = assembleGraph({
      ...program,
      stack: "staging",
      nodes: JSON.parse(JSON.stringify(program.nodes).replaceAll("urn:pulumi:dev::", "urn:pulumi:staging::")),
    });
    expect(diffGraphs(program, other).changes).toEqual([]);
    const yaml = "apiVersion: v1\nkind: Service\nmetadata: { name: s }\n";
    expect(diffGraphs(manifests(yaml, "old"), manifests(yaml, "new")).changes).toEqual([]);
  });

  it("takes two versions of one API in manifests for one object, unless both are there", () => {
    const scaler = (version: string) =>
      `apiVersion: autoscaling/${version}\nkind: HorizontalPodAutoscaler\nmetadata: { name: h }\n---\n`;
    const [one, two] = [manifests(scaler("v1")), manifests(scaler("v2"))];
    expect(told(diffGraphs(one, two))).toEqual(["change HorizontalPodAutoscaler h apiVersion"]);
    const both = manifests(scaler("v1") + scaler("v2"));
    expect(told(diffGraphs(both, both))).toEqual([]);
    expect(told(diffGraphs(both, two))).toEqual(["remove HorizontalPodAutoscaler h"]);
  });

  it("does not compare what ignoreChanges names or what Pulumi makes up", () => {
    const ignoring = { ignoreChanges: ["spec.replicas", 'metadata.annotations["a.b/c"]'] };
    const d = (replicas: number, note: string) =>
      node({
        type: "kubernetes:apps/v1:Deployment",
        options: ignoring,
        inputs: { metadata: { name: note, annotations: { "a.b/c": note } }, spec: { replicas } },
        rest: { generated: ["metadata.name"] },
      });
    expect(diffGraphs(graph(d(1, "x")), graph(d(2, "y"))).changes).toEqual([]);
  });

  it("tells options and outputs, and no other version of a default provider", () => {
    const at = (version: string) => ({ provider: `urn:pulumi:prod::shop::pulumi:providers:aws::default_${version}` });
    const base = graph(
      node({ rest: at("7_1_0") }),
      node({ name: "shop-prod", type: "pulumi:pulumi:Stack", kind: "stack", rest: { outputs: { url: "a" } } }),
    );
    const head = graph(
      node({ rest: at("7_2_0"), options: { protect: true } }),
      node({ name: "shop-prod", type: "pulumi:pulumi:Stack", kind: "stack", rest: { outputs: { url: "b" } } }),
    );
    expect(diffGraphs(base, head).changes.map(({ paths }) => paths.map(({ of, path }) => `${of} ${path}`))).toEqual([
      ["option protect"],
      ["output url"],
    ]);
  });
});

it("leaves out the stack itself and the providers that Pulumi makes by itself", () => {
  const provider = node({ type: "pulumi:providers:aws", name: "default_7_1_0", kind: "provider" });
  const itself = node({ type: "pulumi:pulumi:Stack", name: "shop-prod", kind: "stack" });
  expect(diffGraphs(graph(), graph(itself, provider, node({}))).summary).toMatchObject({ add: 1, unchanged: 0 });
});

/** A graph of any names, types, inputs and aliases. */
const anyGraph = fc
  .uniqueArray(
    fc.record({
      type: fc.constantFrom("aws:s3/bucket:Bucket", "kubernetes:apps/v1:Deployment", "plinth:index:ModelRegistry"),
      name: fc.constantFrom("a", "b", "c", "d::e"),
      inputs: fc.dictionary(fc.constantFrom("bucket", "spec", "x"), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
      alias: fc.option(fc.constantFrom("a", "b", "c", "d::e"), { nil: undefined }),
    }),
    { selector: ({ type, name }) => `${type} ${name}`, maxLength: 8 },
  )
  .map((all) =>
    graph(
      ...all.map(({ type, name, inputs, alias }) =>
        node({
          type,
          name,
          inputs: inputs as Properties,
          options: alias === undefined ? {} : { aliases: [{ name: alias, parent: stack }] },
        }),
      ),
    ),
  );

describe("whatever the graphs", () => {
  it("nothing differs from itself, in any order", () => {
    fc.assert(
      fc.property(
        anyGraph,
        (any) => void expect(diffGraphs(any, { ...any, nodes: [...any.nodes].reverse() }).changes).toEqual([]),
      ),
    );
  });

  it("the changes turn the resources of the base into those of the head", () => {
    fc.assert(
      fc.property(anyGraph, anyGraph, (base, head) => {
        const urns = new Set(base.nodes.map(({ urn }) => urn));
        const { changes, summary } = diffGraphs(base, head);
        for (const { action, urn, formerUrn } of changes) if (action !== "add") urns.delete(formerUrn ?? urn);
        for (const { action, urn } of changes) if (action !== "remove") urns.add(urn);
        expect([...urns].sort()).toEqual(head.nodes.map(({ urn }) => urn).sort());
        expect(summary.unchanged + changes.length).toBe(head.nodes.length + summary.remove);
      }),
    );
  });

  it("the order of the nodes makes no difference", () => {
    fc.assert(
      fc.property(anyGraph, anyGraph, (base, head) => {
        const turned = (any: ResourceGraph) => ({ ...any, nodes: [...any.nodes].reverse() });
        expect(diffGraphs(turned(base), turned(head))).toEqual(diffGraphs(base, head));
      }),
    );
  });
});
