import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { action, checkShell, root, scriptsOf, textOf } from "./files.js";

const github = readdirSync(join(root, "examples/ci/github")).map((name) => `examples/ci/github/${name}`);
const workflows = [...github, "examples/ci/gitlab/.gitlab-ci.yml"];

describe("the action", () => {
  const scripts = action.runs.steps.flatMap(({ name, run }) => (run === undefined ? [] : [[name, run] as const]));

  it.each(scripts)("has a script for %s that bash parses and that no input is written into", (_, run) => {
    expect(() => checkShell(run)).not.toThrow();
    expect(run).not.toContain("${{");
  });

  it("gives every input to a step, and every step of a shell says which", () => {
    const used = textOf("action.yml").match(/inputs\.[\w-]+/g) ?? [];
    expect([...new Set(used.map((text) => text.slice("inputs.".length)))].sort()).toEqual(
      Object.keys(action.inputs).sort(),
    );
    expect(action.runs.steps.filter(({ run, shell }) => (run === undefined) !== (shell === undefined))).toEqual([]);
  });

  it("is told of in the README with all inputs and outputs", () => {
    const readme = textOf("examples/ci/README.md");
    for (const name of [...Object.keys(action.inputs), ...Object.keys(action.outputs)]) {
      expect(readme).toContain(`\`${name}\``);
    }
  });
});

describe("ready workflows", () => {
  it.each(workflows)("%s has scripts that bash parses", (file) => {
    const scripts = scriptsOf(parse(textOf(file)));
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(() => checkShell(script)).not.toThrow();
  });

  it.each([...github, "action.yml"])("%s pins other actions by commit", (file) => {
    const used = [...textOf(file).matchAll(/uses: (\S+)/g)].map(([, name]) => name);
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect(name).toMatch(/^(\.\/node_modules\/plinth|[\w-]+\/[\w/-]+@[0-9a-f]{40})$/);
  });

  it.each(github)("%s gives no permission to a whole workflow and none to strangers", (file) => {
    const text = textOf(file);
    expect(parse(text).permissions).toEqual({});
    expect(text).not.toMatch(/pull_request_target|secrets\./);
  });

  it("check uses only inputs that the action has", () => {
    const { jobs } = parse(textOf("examples/ci/github/check.yml"));
    const [step] = jobs.plinth.steps.filter(({ uses }: { uses?: string }) => uses === "./node_modules/plinth");
    expect(Object.keys(step.with).filter((name) => !Object.hasOwn(action.inputs, name))).toEqual([]);
  });
});
