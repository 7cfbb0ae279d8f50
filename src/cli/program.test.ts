import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseGraph } from "../graph/parse.js";
import { run } from "./run.js";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "plinth-program-"));
  await symlink(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(directory, "node_modules"));
  await writeFile(join(directory, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  await writeFile(join(directory, "package.json"), '{ "name": "shop", "main": "index.js" }\n');
  await writeFile(
    join(directory, "index.js"),
    `const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
const config = new pulumi.Config();
console.log("hello");
new k8s.core.v1.ConfigMap("info", { metadata: { name: "info", namespace: config.require("namespace") } });
pulumi.log.warn("careful");
`,
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function plinth(...args: string[]) {
  const output = { stdout: "", stderr: "" };
  const status = await run(args, {
    stdout: (text) => {
      output.stdout += text;
    },
    stderr: (text) => {
      output.stderr += text.startsWith("plinth: running") ? "" : text;
    },
    stdin: async () => "",
    env: {},
    directory,
    isTerminal: false,
  });
  return { status, ...output };
}

describe("a program given to plinth", () => {
  it("is run with the stack and configuration of the command line; what it prints goes to stderr", async () => {
    const { status, stdout, stderr } = await plinth("preview", "--stack", "prod", "--config", "namespace=fraud");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "hello\n" });
    expect(stdout).toBe(`shop, stack prod
└─ ConfigMap fraud/info                                                                   index.js:5

1 resource: 1 Kubernetes

Notices
  warning  careful
`);
  });

  it("can be named by its Pulumi.yaml, and its graph by --format json", async () => {
    const { stdout } = await plinth("preview", "Pulumi.yaml", "-s", "prod", "-c", "namespace=fraud", "-f", "json");
    expect(parseGraph(stdout)).toMatchObject({ origin: "program", project: "shop", stack: "prod", complete: true });
  });

  it("that fails ends with 2, the line of the program and no stack of ours", async () => {
    const { status, stdout, stderr } = await plinth("preview", "--stack", "prod");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("shop:namespace");
    expect(stderr).not.toMatch(/src\/(cli|engine)\//);
  });
});
