import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { program } from "../../graph/fixtures/program.js";
import { serializeGraph } from "../../graph/json.js";
import { exit } from "../io.js";
import { run } from "./diff.js";

const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));

let directory: string;
/** What is temporary of the command itself, apart from that of others on the machine. */
let temporary: string;
const before = process.env.TMPDIR;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "plinth-test-"));
  [directory, temporary] = [join(folder, "repository"), join(folder, "temporary")];
  await mkdir(directory);
  await mkdir(temporary);
  process.env.TMPDIR = temporary;
});
afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await rm(dirname(directory), { recursive: true, force: true });
});

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, name)), { recursive: true });
  await writeFile(join(directory, name), text);
}

function git(...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...args], { cwd: directory, encoding: "utf8" }).trim();
}

function commit(): void {
  git("add", "-A");
  git("commit", "--quiet", "--allow-empty", "-m", "change");
}

async function plinth(args: readonly string[], stdin = "") {
  const output = { stdout: "", stderr: "" };
  const status = await run(args, {
    stdout: (text) => {
      output.stdout += text;
    },
    stderr: (text) => {
      output.stderr += text;
    },
    stdin: async () => stdin,
    env: {},
    directory,
    isTerminal: false,
  }).catch((error: Error) => {
    output.stderr += error.message;
    return exit.failed;
  });
  return { status, ...output };
}

/** What is left in the temporary folder; newer versions of npm and Node keep a cache of compiled code there. */
const left = async () => (await readdir(temporary)).filter((name) => name !== "node-compile-cache");

const claim = (size: string) =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: models }\nspec: { storageClassName: ssd, resources: { requests: { storage: ${size} } } }\n`;

describe("plinth diff of files and folders", () => {
  it("tells what differs, what is at risk, and ends with 1 for that", async () => {
    await write(
      "a/app.yaml",
      `${claim("1Gi")}---\napiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { clusterIP: None }\n`,
    );
    await write("b/app.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: { type: NodePort }\n");
    const expected = `At risk of data loss
  PersistentVolumeClaim models
    Removing it deletes the volume, unless its storage class retains volumes.

- PersistentVolumeClaim models removed
± Service s replaced                                                                  b/app.yaml:1:1
    spec.clusterIP: removed "None" (replaces)
    spec.type: added "NodePort"

1 removed, 1 replaced; 0 unchanged; 1 risk of data loss
`;
    expect(await plinth(["a", "b"])).toEqual({ status: 1, stdout: expected, stderr: "" });
    expect(await plinth(["a", "b", "--fail-on", "none"])).toMatchObject({ status: 0 });
    expect(await plinth(["b", "b", "--fail-on", "any"])).toEqual({
      status: 0,
      stdout: "No difference; 1 unchanged; no risk of data loss found\n",
      stderr: "",
    });
  });

  it.each([
    ["spec: { type: NodePort }", "spec: { type: ClusterIP }", { risk: 0, replace: 0, any: 1 }],
    ["spec: { clusterIP: None }", "spec: { type: ClusterIP }", { risk: 0, replace: 1, any: 1 }],
  ])("ends as --fail-on says for %s and %s", async (before, after, expected) => {
    const service = (spec: string) => `apiVersion: v1\nkind: Service\nmetadata: { name: s }\n${spec}\n`;
    await write("a.yaml", service(before));
    for (const [failOn, status] of Object.entries(expected)) {
      expect(await plinth(["a.yaml", "-", "--fail-on", failOn], service(after))).toMatchObject({ status });
    }
  });

  it("reads graphs and what Pulumi wrote, and writes JSON and reports", async () => {
    await write("base.json", serializeGraph(program));
    await write(
      "head.json",
      serializeGraph({ ...program, nodes: program.nodes.filter(({ kind }) => kind !== "component") }),
    );
    const { status, stdout } = await plinth(["base.json", "head.json", "-f", "json", "--report", "markdown=out.md"]);
    expect(status).toBe(0);
    const diff = JSON.parse(stdout);
    expect(diff).toMatchObject({ version: 1, base: { project: "fraud", stack: "dev" }, summary: { add: 0 } });
    expect(await readFile(join(directory, "out.md"), "utf8")).toMatch(/^### Changes\n/);
    await write("state.json", JSON.stringify({ version: 3, deployment: { resources: [] } }));
    expect((await plinth(["state.json", "head.json"])).stderr).toMatch(/^plinth: only one side is what Pulumi wrote/);
  });

  it("does not take what could not be read for gone", async () => {
    await write("a/app.yaml", claim("1Gi"));
    await write("b/app.yaml", "kind: [\n");
    const { status, stdout, stderr } = await plinth(["a", "b"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/app\.yaml:\d+:\d+: b: /);
    await write("part.json", serializeGraph({ ...program, complete: false }));
    expect((await plinth(["part.json", "part.json"])).stderr).toContain("part.json: the graph is not complete");
  });

  it.each([
    [["a"], 'plinth diff needs two things to compare. See "plinth diff --help".'],
    [["a", "a", "a"], "plinth diff compares two things: a a a names more."],
    [["a", "a", "--report", "pdf=x"], '--report is "pdf=x"; write FORMAT=FILE with one of text, json, markdown.'],
    [["a", "nowhere"], /^nowhere is neither a file or folder here nor a revision of the git repository\./],
  ])("%j is an error", async (args, message) => {
    await write("a/app.yaml", claim("1Gi"));
    const { status, stderr } = await plinth(args);
    expect(status).toBe(2);
    if (typeof message === "string") expect(stderr).toBe(message);
    else expect(stderr).toMatch(message);
  });

  it("has help with an example", async () => {
    expect(await plinth(["--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("Examples:\n  plinth diff "),
    });
  });
});

describe("plinth diff of revisions", () => {
  beforeEach(async () => {
    git("init", "--quiet");
    await write("k8s/app.yaml", claim("1Gi"));
    commit();
    git("branch", "old");
    await write("k8s/app.yaml", claim("2Gi"));
    commit();
  });

  it("compares two of them, the folder as it is now, and leaves nothing behind", async () => {
    const storage = (stdout: string) =>
      stdout
        .split("\n")
        .find((line) => line.includes("spec.resources"))
        ?.trim();
    const twice = await plinth(["old", "HEAD", "k8s"]);
    expect(twice).toMatchObject({ status: 0, stderr: "" });
    expect(storage(twice.stdout)).toBe('spec.resources.requests.storage: "1Gi" → "2Gi"');
    await write("k8s/app.yaml", claim("3Gi"));
    expect(storage((await plinth(["HEAD", "k8s"])).stdout)).toBe('spec.resources.requests.storage: "2Gi" → "3Gi"');
    expect(storage((await plinth(["old", "."])).stdout)).toBe('spec.resources.requests.storage: "1Gi" → "3Gi"');
    expect(storage((await plinth(["k8s", "old"])).stdout)).toBe('spec.resources.requests.storage: "3Gi" → "1Gi"');
    // HEAD is the commit, not what is being written.
    expect(storage((await plinth(["old", "HEAD", "k8s"])).stdout)).toBe(
      'spec.resources.requests.storage: "1Gi" → "2Gi"',
    );
    expect(git("worktree", "list").split("\n")).toHaveLength(1);
    expect(await left()).toEqual([]);
  });

  it("compares a folder that one of them does not have with nothing", async () => {
    await write("new/app.yaml", claim("1Gi"));
    commit();
    expect(await plinth(["old", "HEAD", "new"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("+ PersistentVolumeClaim models added"),
      stderr: "plinth: old has no folder new; it is compared with nothing\n",
    });
    expect(await plinth(["HEAD", "old", "new"])).toMatchObject({ status: 1 });
    expect((await plinth(["old", "HEAD", "never"])).stderr).toBe("neither old nor HEAD has the folder never.");
  });

  it("says which names are not clear, and which revision may be meant", async () => {
    git("branch", "k8s");
    expect((await plinth(["k8s", "HEAD"])).stderr).toMatch(
      /^k8s is a revision and a file or folder here\. Write \.\/k8s /,
    );
    git("update-ref", "refs/remotes/origin/release", "HEAD");
    expect((await plinth(["release", "HEAD", "./k8s"])).stderr).toMatch(/Did you mean origin\/release\?$/);
    expect((await plinth(["--", "--upload-pack=x", "HEAD"])).stderr).toMatch(/^--upload-pack=x is neither/);
  });

  it("runs no hooks of the repository and cleans up after a failure", async () => {
    await write(".git/hooks/post-checkout", "#!/bin/sh\ntouch hooked\n");
    execFileSync("chmod", ["+x", join(directory, ".git/hooks/post-checkout")]);
    await write("k8s/app.yaml", "kind: [\n");
    commit();
    const { status, stderr } = await plinth(["old", "HEAD~0", "k8s"]);
    expect({ status, clean: stderr.includes("plinth-diff-") }).toEqual({ status: 2, clean: false });
    expect(existsSync(join(directory, "hooked"))).toBe(false);
    expect(await left()).toEqual([]);
    expect(git("worktree", "list").split("\n")).toHaveLength(1);
  });
});

describe("plinth diff of a program", () => {
  const index = (replicas: number) =>
    `const kubernetes = require("@pulumi/kubernetes");
const provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" });
new kubernetes.core.v1.ConfigMap("settings", { metadata: { name: "settings" }, data: { replicas: "${replicas}" } }, { provider });
`;
  beforeEach(async () => {
    git("init", "--quiet");
    await write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    await write("Pulumi.prod.yaml", "config: {}\n");
    await write(
      "package.json",
      '{ "name": "shop", "version": "1.0.0", "dependencies": { "@pulumi/kubernetes": "4.34.2" } }\n',
    );
    await write("package-lock.json", '{ "lockfileVersion": 3 }\n');
    await write(".gitignore", "node_modules\n");
    await write("index.js", index(1));
    commit();
    git("branch", "old");
    await symlink(modules, join(directory, "node_modules"));
    await write("index.js", index(2));
  });

  it("runs both with the packages of the present checkout", async () => {
    await write(
      "package.json",
      '{ "name": "shop", "version": "1.1.0", "dependencies": { "@pulumi/kubernetes": "4.34.2" } }\n',
    );
    const { status, stdout, stderr } = await plinth(["old", ".", "--stack", "prod"]);
    const warnings = stderr.split("\n").filter((line) => line !== "" && !/^plinth: running the program in /.test(line));
    expect({ status, warnings }).toEqual({ status: 0, warnings: [] });
    expect(stdout).toContain("± ConfigMap default/settings replaced");
    expect(stdout).toContain('    data.replicas: "1" → "2" (replaces)\n');
  });

  it("installs the packages of the revision when it is told to", async () => {
    const lock = (version: string) => {
      const own = { name: "shop", version };
      return JSON.stringify({ ...own, lockfileVersion: 3, requires: true, packages: { "": own } });
    };
    // In place of a registry: npm runs the script `prepare` after it has installed what the lock file names.
    const prepare = `mkdir -p node_modules && ln -s "${join(modules, "@pulumi")}" node_modules/@pulumi`;
    await write("package.json", JSON.stringify({ name: "shop", version: "1.0.0", scripts: { prepare } }));
    await write("package-lock.json", lock("1.0.0"));
    commit();
    await write("package-lock.json", lock("1.1.0"));
    const { status, stdout, stderr } = await plinth(["HEAD", ".", "--stack", "prod", "--install", "--fail-on", "any"]);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: "No difference; 3 unchanged; no risk of data loss found\n",
    });
    expect(stderr).toContain("plinth: installing the packages of HEAD ...\n");
    expect(await left()).toEqual([]);
  });

  it("asks for npm ci when the packages are others, and says whose program fails", async () => {
    await write("package-lock.json", '{ "lockfileVersion": 3, "packages": {} }\n');
    expect(await plinth(["old", ".", "--stack", "prod"])).toMatchObject({
      status: 2,
      stderr:
        'old asks for other packages than are installed here (package-lock.json differs). Give --install to run "npm ci" for it in a temporary checkout.',
    });
    await write("package-lock.json", '{ "lockfileVersion": 3 }\n');
    await write("index.js", "throw new Error('no');\n");
    const { status, stderr } = await plinth(["old", ".", "--stack", "prod"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^\.: index\.js:1: no$/m);
    expect(await left()).toEqual([]);
  });
});
