import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matches } from "./answers.js";
import { durationSeconds } from "./durations.js";
import { checkObject, isNamespaced } from "./kubernetes.js";
import { policyDocument } from "./policy-document.js";
import { mergeConfig } from "./project.js";
import { defaultProviderName } from "./providers.js";
import { fromStackText } from "./source.js";
import { toGraphValue } from "./values.js";
import { forProgram, fromStruct, secret, toStruct, unknownFrom, type Wire, type WireObject } from "./wire.js";

const json = fc.letrec<{ value: Wire }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ) as fc.Arbitrary<Wire>,
})).value;

const context = {
  placeholders: new Map<string, string>(),
  project: "/p",
  inputsOf: () => undefined,
  secrets: new Map<string, unknown>(),
};

describe("values on the wire", () => {
  test("survive the way to a Struct and back", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json, { noNullPrototype: true }), (value) => {
        expect(fromStruct(toStruct(value as WireObject))).toEqual(value);
      }),
    );
  });

  test("a secret never stands in the graph, wherever it was", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant("list"), fc.constant("object")), { maxLength: 5 }), (wrappers) => {
        const value = wrappers.reduce<Wire>(
          (inner, kind) => (kind === "list" ? [1, inner] : { inner }),
          secret({ deep: "hunter22" }),
        );
        expect(JSON.stringify(toGraphValue(value, "urn.x", [], context))).not.toContain("hunter22");
      }),
    );
  });

  test("the program never sees the trail of an unknown", () => {
    expect(forProgram({ a: [unknownFrom("urn:x", "y")], b: "c" })).toEqual({
      a: ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"],
      b: "c",
    });
  });

  test("an unknown without a trail is named by what it depends on", () => {
    const bare = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect(toGraphValue(bare, "urn.x", ["urn:b", "urn:a"], context)).toEqual({ $unknown: "urn:a" });
    expect(toGraphValue(unknownFrom("urn:b", "items", "0", "a.b"), "urn.x", [], context)).toEqual({
      $unknown: 'urn:b.items[0]["a.b"]',
    });
  });
});

test("durations are those of Go", () => {
  expect(["10m", "1h30m", "1.5s", "250ms"].map(durationSeconds)).toEqual([600, 5400, 1.5, 0.25]);
  expect(["", "10", "m", "10 m", "x10m"].map(durationSeconds)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("default providers are named by version and server", () => {
  const name = (version: string, url: string): string => defaultProviderName({ pkg: "k", version, url });
  expect([name("", ""), name("1.2.3", ""), name("1.2.3-a.1+b", ""), name("1.2.3", "https://example.com/plug")]).toEqual(
    ["default", "default_1_2_3", "default_1_2_3_a_1_b", "default_1_2_3_https_/example.com/plug"],
  );
});

describe("configuration", () => {
  test("overrides win over the stack, the stack over the project; encrypted values become placeholders", () => {
    const config = mergeConfig(
      "p",
      { a: "1", b: { type: "integer", default: 2 }, c: { value: { x: true } }, none: { type: "string" } },
      { "p:a": { secure: "AAAA" }, "p:list": [{ secure: "BBBB" }, 1], "other:k": 5 },
      { b: "9" },
    );
    expect([...config.values]).toEqual([
      ["p:a", "[encrypted p:a]"],
      ["p:b", "9"],
      ["p:c", '{"x":true}'],
      ["p:list", '["[encrypted p:list]",1]'],
      ["other:k", "5"],
    ]);
    expect([...config.secrets].sort()).toEqual(["p:a", "p:list"]);
    expect([...config.placeholders.keys()]).toEqual(["p:a", "p:list"]);
  });

  test("a value given for an encrypted key is a secret without placeholder", () => {
    const config = mergeConfig("p", {}, { "p:a": { secure: "AAAA" } }, { "p:a": "plain" });
    expect([config.values.get("p:a"), config.secrets.has("p:a"), config.placeholders.size]).toEqual(["plain", true, 0]);
  });
});

describe("answers", () => {
  test("every value matches itself, and an object matches with keys left out", () => {
    fc.assert(
      fc.property(
        json,
        fc.dictionary(fc.string(), json, { noNullPrototype: true }),
        fc.string(),
        (value, rest, key) => {
          expect(matches(value, value)).toBe(true);
          expect(matches({ [key]: value }, { ...rest, [key]: value })).toBe(true);
        },
      ),
    );
    expect([matches({ a: 1 }, { a: 2 }), matches({ a: [1] }, { a: [1, 2] }), matches({ a: 1 }, undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("policy documents", () => {
  const document = (args: WireObject): unknown => JSON.parse(String(policyDocument(args).json));

  test("have the provider's form: Allow by default, single values plain, lists descending, conditions grouped", () => {
    expect(
      document({
        policyId: "id",
        statements: [
          { actions: ["a", "c", "b"], resources: ["*"], notPrincipals: [{ type: "Service", identifiers: ["x", "y"] }] },
          {
            sid: "S",
            effect: "Deny",
            notActions: ["z"],
            principals: [{ type: "*", identifiers: ["*"] }],
            conditions: [
              { test: "StringEquals", variable: "v2", values: ["2", "1"] },
              { test: "StringEquals", variable: "v1", values: ["1"] },
            ],
          },
        ],
      }),
    ).toEqual({
      Version: "2012-10-17",
      Id: "id",
      Statement: [
        { Effect: "Allow", Action: ["c", "b", "a"], Resource: "*", NotPrincipal: { Service: ["y", "x"] } },
        {
          Sid: "S",
          Effect: "Deny",
          NotAction: "z",
          Principal: "*",
          Condition: { StringEquals: { v1: "1", v2: ["2", "1"] } },
        },
      ],
    });
  });

  test("are built from sources, and overrides replace statements of the same sid", () => {
    const source = JSON.stringify({ Statement: [{ Sid: "A", Effect: "Allow", Action: "x" }] });
    const over = JSON.stringify({ Statement: { Sid: "A", Effect: "Deny", Action: "x" } });
    expect(
      document({ sourcePolicyDocuments: [source], overridePolicyDocuments: [over], statements: [{ actions: ["y"] }] }),
    ).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Sid: "A", Effect: "Deny", Action: "x" },
        { Effect: "Allow", Action: "y" },
      ],
    });
  });
});

describe("Kubernetes checks", () => {
  const check = (inputs: WireObject, provider: WireObject = {}) =>
    checkObject("urn:x", "n", inputs, provider, new Map());

  test("cluster kinds have no namespace, unknown kinds have one", () => {
    expect([
      isNamespaced("v1", "Namespace"),
      isNamespaced("rbac.authorization.k8s.io/v1", "ClusterRole"),
      isNamespaced("v1", "Pod"),
      isNamespaced("example.com/v1", "Node"),
    ]).toEqual([false, false, true, true]);
  });

  test("a second check changes nothing", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("ConfigMap", "Namespace", "Secret"),
        fc.dictionary(fc.constantFrom("name", "namespace", "labels"), fc.string({ minLength: 1 }), {
          noNullPrototype: true,
        }),
        (kind, metadata) => {
          const once = check({ apiVersion: "v1", kind, metadata }).inputs;
          expect(check(once as WireObject)).toEqual({ inputs: once, generated: [] });
        },
      ),
    );
  });

  test("lists are refused; patches need a name; client-side apply keeps generateName", () => {
    expect(check({ apiVersion: "v1", kind: "ConfigMapList", items: [] }).fault).toMatch(/declare its items/);
    const patch = (metadata: WireObject, provider: WireObject) =>
      checkObject(
        "urn:pulumi:dev::p::kubernetes:core/v1:ConfigMapPatch::n",
        "n",
        { apiVersion: "v1", kind: "ConfigMap", metadata },
        provider,
        new Map(),
      );
    expect(patch({}, {}).fault).toMatch(/metadata\.name is required/);
    expect(patch({ name: "x" }, { enableServerSideApply: "false" }).fault).toMatch(/need server-side apply/);
    expect(patch({ name: "x" }, {}).fault).toBeUndefined();
    expect(
      check(
        { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "x-", namespace: "d", labels: { a: "b" } } },
        { enableServerSideApply: "false" },
      ),
    ).toEqual({
      inputs: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: {
          generateName: "x-",
          namespace: "d",
          labels: { a: "b", "app.kubernetes.io/managed-by": "pulumi" },
        },
      },
      generated: ['metadata.labels["app.kubernetes.io/managed-by"]'],
    });
  });

  test("what is null or read-only is not there, an empty name is none, and an empty stringData stays where it is", () => {
    const metadata = { name: "n", namespace: "d" };
    expect(
      check({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { ...metadata, labels: null },
        spec: { a: null, b: [null, { c: null }] },
      }).inputs,
    ).toEqual({ apiVersion: "v1", kind: "Pod", metadata, spec: { b: [null, {}] } });
    expect(
      check({ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, uid: "u", generation: 2 } }).inputs.metadata,
    ).toEqual(metadata);
    expect(
      check({ apiVersion: "x/v1", kind: "K", metadata, schema: { x_kubernetes_int_or_string: true } }).inputs.schema,
    ).toEqual({ "x-kubernetes-int-or-string": true });
    expect(check({ apiVersion: "v1", kind: "Pod", metadata: { name: "" } }).generated).toContain("metadata.name");
    expect(check({ apiVersion: "v1", kind: "Secret", metadata, stringData: {} }).inputs).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata,
      stringData: {},
    });
  });
});

test("the user's line is the first frame of the program, else of the project, never of a library", () => {
  const roots = { project: "/w", program: "/w/app" };
  const stack = (...frames: string[]): string => ["Error: x", ...frames.map((frame) => `    at ${frame}`)].join("\n");
  expect(
    fromStackText(
      stack(
        "f (/w/app/node_modules/lib/a.js:1:2)",
        "/w/lib/b.ts:3:4",
        "async Promise.all (index 0)",
        "file:///w/app/c.mjs:5:6",
      ),
      roots,
    ),
  ).toEqual({ file: "app/c.mjs", line: 5, column: 6 });
  expect(fromStackText(stack("g (/w/node_modules/@pulumi/pulumi/x.js:1:1)", "h (/w/lib/b.ts:3:4)"), roots)).toEqual({
    file: "lib/b.ts",
    line: 3,
    column: 4,
  });
  expect(fromStackText(stack("g (node:internal/x:1:1)"), roots)).toBeUndefined();
});
