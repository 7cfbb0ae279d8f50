import { execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "./files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "plinth-ended-"));
  await mkdir(join(folder, "temporary"));
  await mkdir(join(folder, "repository"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each(["SIGINT", "SIGTERM"] as const)("plinth diff that is ended by %s leaves no checkout behind", async (signal) => {
  const repository = join(folder, "repository");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], {
      cwd: repository,
      encoding: "utf8",
    });
  git("init", "--quiet");
  await writeFile(join(repository, ".gitignore"), "node_modules\n");
  await writeFile(join(repository, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
  await writeFile(join(repository, "index.js"), 'require("@pulumi/pulumi");\nsetTimeout(() => {}, 600_000);\n');
  git("add", "-A");
  git("commit", "--quiet", "-m", "slow");
  await symlink(join(root, "node_modules"), join(repository, "node_modules"));
  await writeFile(join(repository, "index.js"), 'require("@pulumi/pulumi");\n');

  const temporary = join(folder, "temporary");
  const child = spawn(process.execPath, [join(root, "dist/cli/main.js"), "diff", "HEAD", ".", "--stack", "dev"], {
    cwd: repository,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise((done) => child.once("exit", (_, by) => done(by)));
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  for (let tries = 0; tries < 200 && !said.includes("running the program in HEAD:"); tries += 1) await sleep(50);
  expect(said).toContain("running the program in HEAD:");
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(2);
  child.kill(signal);
  expect(await exited).toBe(signal);
  expect((await readdir(temporary)).filter((name) => name.startsWith("plinth-diff-"))).toEqual([]);
  expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
});
