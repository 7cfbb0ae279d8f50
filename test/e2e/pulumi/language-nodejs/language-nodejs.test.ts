import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nearestModules, requiredPackages } from "./packages.js";
import { type ProgramRun, programArguments, programEnd, programEnvironment } from "./program.js";

const RUN: ProgramRun = {
  monitor: "127.0.0.1:1",
  engine: "127.0.0.1:2",
  organization: "organization",
  project: "shop",
  stack: "dev",
  root: "/shop",
  pwd: "/shop/app",
  entry: "index.ts",
  args: ["one"],
  dryRun: true,
  parallel: 16,
  config: { "shop:key": "a", "aws:region": "eu-west-1" },
  secretKeys: ["shop:key"],
  options: {},
};

let modules: string;
beforeEach(() => {
  modules = mkdtempSync(join(tmpdir(), "plinth-modules-"));
});
afterEach(() => rmSync(modules, { recursive: true }));

function addPackage(folder: string, manifest: object): void {
  mkdirSync(join(modules, folder), { recursive: true });
  writeFileSync(join(modules, folder, "package.json"), JSON.stringify(manifest));
}

test("packages of providers are found with scopes, below others, and by the name they give themselves", () => {
  addPackage("@pulumi/aws", { name: "@pulumi/aws", version: "7.48.0", pulumi: { resource: true } });
  addPackage("@acme/things", {
    name: "@acme/things",
    version: "v1.0.0",
    pulumi: { resource: true, server: "https://a" },
  });
  addPackage("lib/node_modules/inner", {
    name: "inner",
    version: "2.0.0",
    pulumi: { resource: true, name: "in", version: "3.0.0" },
  });
  addPackage("@pulumi/pulumi", { name: "@pulumi/pulumi", version: "3.248.0" });
  addPackage("policies", { name: "policies", version: "1.0.0", pulumi: { resource: false } });
  expect(requiredPackages(modules)).toEqual([
    { name: "acme/things", version: "v1.0.0", server: "https://a" },
    { name: "aws", version: "v7.48.0", server: "" },
    { name: "in", version: "v3.0.0", server: "" },
  ]);
});

test("a program without packages of its own has those of the folder above", () => {
  mkdirSync(join(modules, "node_modules"));
  mkdirSync(join(modules, "apps", "shop"), { recursive: true });
  expect(nearestModules(join(modules, "apps", "shop"))).toBe(join(modules, "node_modules"));
});

test("a folder without packages needs none", () => {
  expect(requiredPackages(join(modules, "missing"))).toEqual([]);
});

test("the program is started with the arguments of Pulumi's own host, in its order", () => {
  expect(programArguments(RUN, "/sdk/run")).toEqual([
    "/sdk/run",
    ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--organization", "organization"],
    ...["--project", "shop", "--root-directory", "/shop", "--stack", "dev", "--pwd", "/shop/app"],
    ...["--dry-run", "--parallel", "16", "index.ts", "one"],
  ]);
});

test("empty values are left out, an empty entry is the folder, and arguments of Node.js come first", () => {
  const run = {
    ...RUN,
    organization: "",
    entry: "",
    args: [],
    dryRun: false,
    options: { nodeargs: "--inspect  -r x" },
  };
  const args = programArguments(run, "/sdk/run");
  expect(args.slice(0, 4)).toEqual(["--inspect", "-r", "x", "/sdk/run"]);
  expect(args).not.toContain("--organization");
  expect(args).not.toContain("--dry-run");
  expect(args.at(-1)).toBe(".");
});

test("configuration goes to the program keyed as the SDK reads it, the names of secrets as they are", () => {
  expect(programEnvironment(RUN)).toEqual({
    PULUMI_CONFIG: '{"shop:config:key":"a","aws:config:region":"eu-west-1"}',
    PULUMI_CONFIG_SECRET_KEYS: '["shop:key"]',
    PULUMI_NODEJS_TYPESCRIPT: "true",
  });
  expect(programEnvironment({ ...RUN, options: { typescript: false, tsconfig: "t.json" } })).toMatchObject({
    PULUMI_NODEJS_TSCONFIG_PATH: "t.json",
  });
  expect(programEnvironment({ ...RUN, options: { typescript: false } })).not.toHaveProperty("PULUMI_NODEJS_TYPESCRIPT");
});

test.each([
  [0, null, { error: "", bail: false }],
  [32, null, { error: "", bail: true }],
  [3, null, { error: "Program exited with non-zero exit code: 3", bail: false }],
  [null, "SIGKILL", { error: "Program was ended by signal SIGKILL", bail: false }],
] as const)("an end with code %s and signal %s is told to the engine", (code, signal, told) => {
  expect(programEnd(code, signal)).toEqual(told);
});
