import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { run } from "../processes/processes.js";
import { tools } from "./tools.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const build = join(here, "build.mjs");

describe("the table of tools", () => {
  test("gives each tool the version that its module requires", () => {
    const versions = Object.values(tools).map((tool) => {
      const module = readFileSync(join(here, tool.module, "go.mod"), "utf8");
      const required = [...module.matchAll(/^(?:require |\t)(\S+) v(\S+)( \/\/ indirect)?$/gm)];
      // The longest module path that begins the package's.
      const [, , version] = required
        .filter(([, path]) => tool.package.startsWith(path!))
        .sort(([, a], [, b]) => b!.length - a!.length)[0] ?? ["", "", undefined];
      return [tool.about, version];
    });
    expect(versions).toEqual([
      ["etcd 3.6.5", "3.6.5"],
      ["kwok 0.8.0", "0.8.0"],
      ["Distribution registry 3.1.2", "3.1.2"],
      ["actionlint 1.7.12", "1.7.12"],
      ["Pulumi CLI 3.248.0", "3.248.0"],
      ["kube-apiserver 1.36.3", "1.36.3"],
      ["kube-controller-manager 1.36.3", "1.36.3"],
      ["kube-scheduler 1.36.3", "1.36.3"],
      ["Argo Rollouts controller 1.10.0", "1.10.0"],
      // Its version is what its own main package says, not a tag of the module.
      ["Pulumi Kubernetes provider 4.25.0", undefined],
    ]);
    const main = readFileSync(join(here, "pulumi-kubernetes/main.go"), "utf8");
    expect(main).toContain('provider.Serve("kubernetes", "4.25.0", ');
  });

  test("has a folder with complete module files for each, and no folder without a tool", () => {
    const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).sort()).toEqual(
      [...new Set(Object.values(tools).map((tool) => tool.module))].sort(),
    );
    for (const { name } of folders) {
      expect(readdirSync(join(here, name)).filter((file) => file.startsWith("go."))).toEqual(["go.mod", "go.sum"]);
    }
  });
});

describe("the command", () => {
  test("refuses a name it does not know and lists those it knows", async () => {
    const names = Object.keys(tools);
    expect(await run(process.execPath, [build, "nope"])).toEqual({
      code: 2,
      stdout: "",
      stderr: `There is no tool "nope". The tools are ${names.join(", ")}.\n`,
    });
    expect(await run(process.execPath, [build, "--help"])).toEqual({
      code: 0,
      stdout: `Usage: node test/e2e/tools/build.mjs [NAME…]\nNames: ${names.join(" ")}\n`,
      stderr: "",
    });
  });

  test("ends with status 1 when a tool is missing", async () => {
    const result = await run(process.execPath, [build, "etcd"], { env: { PATH: "/nowhere" } });
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr: "etcd 3.6.5 is not built: there is no go on PATH: install Go 1.26 or later.\n",
    });
  });
});
