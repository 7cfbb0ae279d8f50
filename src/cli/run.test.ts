import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { program } from "../graph/fixtures/program.js";
import { serializeGraph } from "../graph/json.js";
import { parseGraph } from "../graph/parse.js";
import { runIn } from "./fixtures/run-in.js";
import { nearest, seconds } from "./options.js";
import { textStyle } from "./style.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "plinth-cli-"));
  await mkdir(join(directory, "k8s"));
  await write("k8s/app.yaml", `apiVersion: v1\nkind: Namespace\nmetadata: { name: fraud }\n---\n${deployment}`);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: model, namespace: fraud }
spec: { template: { spec: { containers: [{ name: server, image: "nginx:1" }] } } }
`;
const secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: s }\ndata: { password: aHVudGVyMg== }\n";

const write = (name: string, text: string) => writeFile(join(directory, name), text);

const plinth = (args: readonly string[], stdin = "", env: Record<string, string> = {}) =>
  runIn(directory, args, { stdin, env });

describe("plinth", () => {
  it("prints help, a command's help with an example, and its version", async () => {
    expect(await plinth(["--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("preview"),
      stderr: "",
    });
    for (const command of ["preview", "render"]) {
      const help = await plinth([command, "--help"]);
      expect(help).toMatchObject({ status: 0, stderr: "" });
      expect(help.stdout).toMatch(new RegExp(`Examples:\n {2}plinth ${command} `));
      expect(await plinth(["help", command])).toEqual(help);
    }
    const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    expect(await plinth(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
    expect(await plinth([])).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("Usage:") });
  });

  it.each([
    [["previw"], 'plinth has no command "previw". Did you mean "preview"?'],
    [["frobnicate"], 'plinth has no command "frobnicate". See "plinth --help".'],
    [["constructor"], 'plinth has no command "constructor". See "plinth --help".'],
    [["--frob"], 'plinth has no option --frob. See "plinth --help".'],
    [["preview", "--stak", "dev"], "plinth preview has no option --stak. Did you mean --stack?"],
    [["preview", "--frobnicate"], 'plinth preview has no option --frobnicate. See "plinth preview --help".'],
    [["preview", "--format", "jsn"], '--format is "jsn"; it can be tree, json, yaml, markdown. Did you mean "json"?'],
    [["preview", "--stack"], "--stack needs a value: --stack STACK."],
    [["preview", "--stack", "--format", "json"], "--stack needs a value: --stack STACK."],
    [["preview", "--stack", "a", "--stack", "b"], "--stack is given twice. Give it once."],
    [["render", "--show-secrets=yes"], "--show-secrets is a switch and takes no value."],
    [["preview", "nowhere"], "nowhere: there is no such file or folder."],
    [
      ["preview", "k8s", "--stack", "dev"],
      "--stack is for a program, and k8s has no Pulumi.yaml: it would be read as Kubernetes manifests.",
    ],
  ])("answers %j with what is wrong and what to do", async (args, message) => {
    const { status, stdout, stderr } = await plinth(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr.replaceAll(`${directory}/`, "")).toBe(`plinth: ${message}\n`);
  });

  it("never prints the value of a configuration pair it cannot read", async () => {
    await mkdir(join(directory, "app"));
    await write("app/Pulumi.yaml", "name: app\nruntime: nodejs\n");
    const { status, stderr } = await plinth(["preview", "app", "--config", "hunter2"]);
    expect([status, stderr]).toEqual([
      2,
      'plinth: --config has no "=" between key and value; write --config key=value.\n',
    ]);
  });
});

describe("plinth preview", () => {
  it("shows manifests as a tree", async () => {
    expect(await plinth(["preview", "k8s"])).toEqual({
      status: 0,
      stderr: "",
      stdout: `k8s (Kubernetes manifests)
├─ Namespace fraud                                                                        app.yaml:1
└─ Deployment fraud/model                                                                 app.yaml:5

2 resources: 2 Kubernetes

Images that are not pinned by digest (IMG001)
  nginx:1 has no sha256 digest; allowed is name@sha256:<64 hexadecimal digits>
    Deployment fraud/model spec.template.spec.containers[0].image
`,
    });
  });

  it("prints the same graph as JSON each time, from a folder, a file, standard input or a saved graph", async () => {
    const first = await plinth(["preview", "k8s", "--format", "json"]);
    expect(await plinth(["preview", "k8s", "--format=json"])).toEqual(first);
    expect(parseGraph(first.stdout).nodes.map((node) => node.name)).toEqual(["fraud/model", "fraud"]);
    const file = await plinth(["preview", "k8s/app.yaml", "-f", "json"]);
    expect(parseGraph(file.stdout).nodes).toHaveLength(2);
    const piped = await plinth(["preview", "-", "-f", "json"], deployment);
    expect(parseGraph(piped.stdout).nodes.map(({ source }) => source?.file)).toEqual(["<stdin>"]);
    await write("graph.json", serializeGraph(program));
    expect((await plinth(["preview", "graph.json", "-f", "json"])).stdout).toBe(serializeGraph(program));
  });

  it("prints YAML and Markdown", async () => {
    const yaml = await plinth(["preview", "k8s", "--format", "yaml"]);
    expect(parseAllDocuments(yaml.stdout).map((document) => document.toJS().kind)).toEqual(["Namespace", "Deployment"]);
    const markdown = await plinth(["preview", "k8s", "--format", "markdown"]);
    expect(markdown.stdout).toContain("2 resources: 2 Kubernetes.");
    expect(markdown.stdout).toContain("| Deployment | 1 | <code>fraud/model</code> |");
  });

  it("prints what could be read and ends with 2 when a file does not parse", async () => {
    await write("k8s/bad.yaml", "a: [1\n");
    const tree = await plinth(["preview", "k8s"]);
    expect(tree.status).toBe(2);
    expect(tree.stdout).toContain("Deployment fraud/model");
    expect(tree.stdout).toContain("error    bad.yaml:2:1: ");
    const json = await plinth(["preview", "k8s", "--format", "json"]);
    expect(json.status).toBe(2);
    expect(parseGraph(json.stdout).complete).toBe(false);
    expect(json.stderr).toMatch(/^plinth: bad\.yaml:2:1: /);
  });

  it("writes the graph and the objects to a folder and says so", async () => {
    const { stdout, status } = await plinth(["preview", "k8s", "--out", "out/k8s"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nWrote out\/k8s\/graph\.json\nWrote 2 Kubernetes objects to out\/k8s\/kubernetes\n$/);
    expect(parseGraph(await readFile(join(directory, "out/k8s/graph.json"), "utf8")).nodes).toHaveLength(2);
    expect((await readdir(join(directory, "out/k8s/kubernetes"))).sort()).toEqual([
      ".plinth-files",
      "00-namespace-fraud.yaml",
      "60-deployment-fraud-model.yaml",
    ]);
    const json = await plinth(["preview", "k8s", "--out", "out/k8s", "--format", "json"]);
    expect(parseGraph(json.stdout).nodes).toHaveLength(2);
  });
});

describe("plinth render", () => {
  it("withholds secrets unless they are asked for", async () => {
    await write("k8s/secret.yaml", secret);
    const withheld = await plinth(["render", "k8s", "--out", "out"]);
    expect(withheld).toEqual({
      status: 0,
      stdout: "Wrote 3 Kubernetes objects to out\n",
      stderr: "plinth: 1 secret value withheld; render with --show-secrets to write them\n",
    });
    const path = join(directory, "out/40-secret-s.yaml");
    expect(await readFile(path, "utf8")).not.toContain("aHVudGVyMg");
    expect(await plinth(["render", "k8s", "--out", "out", "--show-secrets"])).toMatchObject({ status: 0, stderr: "" });
    expect(await readFile(path, "utf8")).toContain("password: aHVudGVyMg==");
  });

  it("lists on stderr what is not known, and prints all objects without --out", async () => {
    await write("graph.json", serializeGraph(program));
    const { status, stdout, stderr } = await plinth(["render", "graph.json"]);
    expect(status).toBe(0);
    expect(parseAllDocuments(stdout)).toHaveLength(3);
    expect(stderr).toBe(`plinth: known only after deployment, placeholders stand for 1 value:
  ConfigMap fraud/info data.arn: aws:eks:NodeGroup serving.gpu.arn
plinth: 1 secret value withheld; render with --show-secrets to write them
plinth: not written, their objects cannot be seen before deployment:
  kubernetes:helm.sh:Chart keda
plinth: the\\u001b[31m program warns
`);
  });

  it("warns of manifests in the folder that are not its own", async () => {
    await mkdir(join(directory, "out"));
    await write("out/mine.yaml", "");
    expect((await plinth(["render", "k8s", "--out", "out"])).stderr).toBe(
      "plinth: out also holds mine.yaml, not written by plinth; kubectl apply -f out would apply them too\n",
    );
  });
});

describe("options", () => {
  it("understand times", () => {
    expect(["90", "90s", "2m", "1h", "500ms", "1.5s"].map((text) => seconds("timeout", text))).toEqual([
      90, 90, 120, 3600, 0.5, 1.5,
    ]);
    for (const text of ["", "0s", "-1s", "soon", "1d"]) {
      expect(() => seconds("timeout", text)).toThrow(`--timeout is "${text}"; give a time such as 60s, 2m or 500ms.`);
    }
  });

  it("suggest a word with one mistake in it and nothing for a distant one", () => {
    const words = ["preview", "render"];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(5), (word, at) => {
        expect(nearest(word.slice(0, at) + word.slice(at + 1), words)).toBe(word);
        expect(nearest(`${word.slice(0, at)}x${word.slice(at)}`, words)).toBe(word);
      }),
    );
    expect(nearest("zzzzzzz", words)).toBeUndefined();
  });

  it("give colours only to a terminal that wants them, and line drawing where the locale has it", () => {
    expect(textStyle({ env: {}, isTerminal: true })).toEqual({ color: true, unicode: true });
    expect(textStyle({ env: { NO_COLOR: "1" }, isTerminal: true }).color).toBe(false);
    expect(textStyle({ env: {}, isTerminal: false }).color).toBe(false);
    expect(textStyle({ env: { LANG: "C" }, isTerminal: true }).unicode).toBe(false);
    expect(textStyle({ env: { LANG: "C", LC_ALL: "en_GB.UTF-8" }, isTerminal: true }).unicode).toBe(true);
  });
});
