import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { serializeGraph } from "./json.js";
import { manifestGraph, readManifests } from "./manifests.js";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "plinth-manifests-")), "k8s");
  await mkdir(join(folder, "sub"), { recursive: true });
});
afterEach(() => rm(join(folder, ".."), { recursive: true, force: true }));

const write = (name: string, text: string | Uint8Array) => writeFile(join(folder, name), text);
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`;

describe("reading manifests", () => {
  it("finds every object of YAML documents, JSON and Lists in a folder and its sub-folders, with file and line", async () => {
    await write("a.yaml", `# a comment\n${configMap("one")}---\n---\n${configMap("two")}`);
    await write(
      "sub/list.json",
      JSON.stringify(
        {
          apiVersion: "v1",
          kind: "List",
          items: [{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "n" } }],
        },
        null,
        2,
      ),
    );
    await write("sub/notes.txt", "not: [read");
    await write(".hidden.yaml", "not: [read");
    const { graph, faults } = await readManifests({ paths: [folder] });
    expect(faults).toEqual([]);
    expect(graph.complete).toBe(true);
    expect(graph.nodes.map(({ urn, source }) => [urn, source])).toEqual([
      ["urn:pulumi:manifests::k8s::kubernetes:apps/v1:Deployment::n/d", { file: "sub/list.json", line: 5, column: 5 }],
      ["urn:pulumi:manifests::k8s::kubernetes:core/v1:ConfigMap::one", { file: "a.yaml", line: 2, column: 1 }],
      ["urn:pulumi:manifests::k8s::kubernetes:core/v1:ConfigMap::two", { file: "a.yaml", line: 7, column: 1 }],
    ]);
    expect(graph.nodes[1]?.inputs).toEqual({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } });
  });

  it("names file, line and column of what does not parse and still reads the rest", async () => {
    await write("bad.yaml", `${configMap("one")}---\na: 1\nb: : 2\n`);
    await write("latin.yaml", Uint8Array.of(0x61, 0xe9));
    await write("template.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {{ .Values.spec }}\n");
    await write("good.yaml", configMap("two"));
    const { graph, faults } = await readManifests({ paths: [folder] });
    expect(faults.map(({ source, severity }) => [severity, source])).toEqual([
      ["error", { file: "bad.yaml", line: 6, column: 4 }],
      ["error", { file: "latin.yaml", line: 1, column: 1 }],
      ["error", { file: "template.yaml", line: 4, column: 8 }],
    ]);
    expect(faults[2]?.message).toContain("helm template");
    expect(graph.nodes.map((node) => node.name)).toEqual(["one", "two"]);
    expect(graph.notices).toEqual(expect.arrayContaining([...faults]));
    expect(graph.complete).toBe(false);
  });

  it("refuses an empty folder, a folder without objects and a path that is not there", async () => {
    await expect(readManifests({ paths: ["sub"], directory: folder })).rejects.toThrow(
      "sub: no .yaml, .yml or .json file here. Give a folder with Kubernetes manifests or with a Pulumi.yaml.",
    );
    await write("values.yaml", "a: 1\n");
    await expect(readManifests({ paths: ["."], directory: folder })).rejects.toThrow(
      ".: no Kubernetes object in 1 file. An object has apiVersion, kind and metadata.name.",
    );
    await expect(readManifests({ paths: ["nowhere"], directory: folder })).rejects.toThrow(
      /nowhere: there is no such file or folder\.$/,
    );
  });

  it("reads standard input", async () => {
    const { graph } = await readManifests({ paths: ["-"], stdin: configMap("one"), directory: folder });
    expect(graph.nodes.map(({ source }) => source)).toEqual([{ file: "<stdin>", line: 1, column: 1 }]);
    await expect(readManifests({ paths: ["-"], stdin: " \n" })).rejects.toThrow(/^-: no /);
  });

  it("reports an object that is declared twice and keeps the later one", () => {
    const texts = [
      { file: "a.yaml", text: `${configMap("x")}data: { v: first }\n` },
      { file: "b.yaml", text: `${configMap("x")}data: { v: second }\n` },
    ];
    const { graph } = manifestGraph(texts, "p");
    expect(graph.nodes.map((node) => node.inputs.data)).toEqual([{ v: "second" }]);
    expect(graph.notices).toEqual([
      {
        severity: "warning",
        code: "duplicate",
        message:
          "ConfigMap x is declared twice; the one at a.yaml:1 is replaced by this one, as kubectl apply would do",
        urn: "urn:pulumi:manifests::p::kubernetes:core/v1:ConfigMap::x",
        source: { file: "b.yaml", line: 1, column: 1 },
      },
    ]);
  });

  it("names an object without a name or kind, and leaves other files out with one notice", () => {
    const texts = [
      { file: "a.yaml", text: "apiVersion: v1\nkind: Pod\nmetadata: {}\n" },
      { file: "b.yaml", text: "kind: Pod\nmetadata: { name: x }\n" },
      { file: "kustomization.yaml", text: "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n" },
      { file: "values.yaml", text: "replicas: 1\n" },
    ];
    const { graph, faults } = manifestGraph(texts, "p");
    expect(faults.map(({ message }) => message)).toEqual([
      "this Pod has no metadata.name",
      "this object has no apiVersion",
    ]);
    expect(graph.notices.filter(({ severity }) => severity === "info").map(({ message }) => message)).toEqual([
      "left out, not Kubernetes objects: kustomization.yaml, values.yaml",
    ]);
  });

  it("withholds the values of Secrets, and kubectl's copy of them", () => {
    const text = `apiVersion: v1
kind: Secret
metadata:
  name: s
  annotations: { team: risk, kubectl.kubernetes.io/last-applied-configuration: '{"data":"aHVudGVyMg=="}' }
data: { password: aHVudGVyMg== }
stringData: { tls.key: hunter2 }
`;
    const { graph, secrets } = manifestGraph([{ file: "s.yaml", text }], "p");
    const urn = "urn:pulumi:manifests::p::kubernetes:core/v1:Secret::s";
    const json = serializeGraph(graph);
    expect(json).not.toContain("hunter2");
    expect(json).not.toContain("aHVudGVyMg");
    expect(graph.nodes[0]?.inputs.data).toEqual({ password: { $secret: `${urn}.data.password` } });
    expect(Object.fromEntries(secrets)).toEqual({
      [`${urn}.data.password`]: "aHVudGVyMg==",
      [`${urn}.stringData["tls.key"]`]: "hunter2",
      [`${urn}.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]`]: '{"data":"aHVudGVyMg=="}',
    });
  });

  it("reads scalars as kubectl does: octal modes and yes are not text, dates and times of day are", () => {
    const text = `${configMap("x")}data: { mode: 0644, on: yes, at: 22:30, day: 2026-01-02, bytes: !!binary aGk= }\n`;
    const { graph } = manifestGraph([{ file: "x.yaml", text }], "p");
    expect(graph.nodes[0]?.inputs.data).toEqual({
      mode: 420,
      true: true,
      at: "22:30",
      day: "2026-01-02",
      bytes: "aGk=",
    });
  });

  it("never executes a tag", () => {
    const text = `${configMap("x")}data: { a: !!js/function 'function () { throw new Error() }' }\n`;
    expect(manifestGraph([{ file: "x.yaml", text }], "p").graph.nodes[0]?.inputs.data).toEqual({
      a: "function () { throw new Error() }",
    });
  });

  it("refuses aliases that expand without end, and nesting no manifest has, in no time", () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
      .concat("bcdefghij".split("").map((key, at) => `${key}: &${key} [${Array(10).fill(`*${"abcdefghij"[at]}`)}]`))
      .join("\n");
    const deep = "[".repeat(100_000);
    const { faults } = manifestGraph(
      [
        { file: "bomb.yaml", text: bomb },
        { file: "deep.yaml", text: deep },
      ],
      "p",
    );
    expect(faults.map(({ message, source }) => [source?.file, message])).toEqual([
      ["bomb.yaml", "its aliases expand to far more than the file holds (refused)"],
      ["deep.yaml", expect.any(String)],
    ]);
  });

  it("gives the same bytes whatever the order of keys and files", () => {
    const name = fc.stringMatching(/^[a-z]{1,5}$/);
    const data = fc.dictionary(name, fc.oneof(fc.string(), fc.integer(), fc.array(fc.boolean())));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, data), { selector: ([key]) => key, minLength: 1 }), (objects) => {
        const texts = objects.map(([key, values]) => ({
          file: `${key}.yaml`,
          text: stringify(
            { apiVersion: "v1", kind: "ConfigMap", metadata: { name: key }, data: values },
            { version: "1.1" },
          ),
        }));
        const shuffled = objects.map(([key, values]) => ({
          file: `${key}.yaml`,
          text: JSON.stringify({ metadata: { name: key }, kind: "ConfigMap", data: values, apiVersion: "v1" }),
        }));
        const graph = manifestGraph(texts, "p").graph;
        expect(graph.nodes.map((node) => node.inputs.data)).toEqual(
          [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, values]) => JSON.parse(JSON.stringify(values))),
        );
        expect(serializeGraph(manifestGraph(shuffled.reverse(), "p").graph)).toBe(serializeGraph(graph));
      }),
    );
  });
});
