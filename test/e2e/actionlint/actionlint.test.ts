import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeWith, tools } from "../needs.js";
import { run } from "../processes/processes.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describeWith(["actionlint"], "actionlint", () => {
  let repository: string;
  /** A repository that uses the ready workflows as their README says: the action is in the installed package. */
  beforeEach(async () => {
    repository = await mkdtemp(join(tmpdir(), "plinth-actionlint-"));
    await mkdir(join(repository, ".git"));
    await cp(join(root, "examples/ci/github"), join(repository, ".github/workflows"), { recursive: true });
    await mkdir(join(repository, "node_modules/plinth"), { recursive: true });
    await copyFile(join(root, "action.yml"), join(repository, "node_modules/plinth/action.yml"));
  });
  afterEach(() => rm(repository, { recursive: true, force: true }));

  const lint = () => run(tools().actionlint?.path ?? "", ["-no-color", "-oneline"], { cwd: repository });

  it("finds nothing wrong in the ready workflows", async () => {
    expect(await lint()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("would find an input that the action does not have", async () => {
    const file = join(repository, ".github/workflows/check.yml");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace("fail-on: high", "fail-at: high"));
    const { code, stdout } = await lint();
    expect(code).toBe(1);
    expect(stdout).toContain('input "fail-at" is not defined in action "Plinth" defined at "./node_modules/plinth"');
  });
});
