import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../needs.js";
import { run } from "../processes/processes.js";
import { openStack, type Stack } from "./stack.js";

// The language host and the stand-in providers under the real CLI, in programs as small as can be.

let folder: string;
let stack: Stack;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plinth-program-"));
});
afterEach(async () => {
  await stack.removeAll();
  rmSync(folder, { recursive: true });
});

async function open(
  program: string,
  config: Readonly<Record<string, string | { secret: string }>> = {},
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Pulumi.yaml"), "name: small\nruntime: nodejs\nmain: index.js\n");
  writeFileSync(join(folder, "package.json"), '{ "name": "small" }');
  writeFileSync(join(folder, "index.js"), program);
  stack = await openStack({ program: folder, stack: "dev", config });
}

const messages = (outcome: { diagnostics: readonly { message: string }[] }): string =>
  outcome.diagnostics.map(({ message }) => message).join("\n");

describeWith(["pulumi"], "a program under the real CLI", () => {
  test("gets its settings, secrets among them, and what it prints is shown", async () => {
    await open(
      `const pulumi = require("@pulumi/pulumi");
       const config = new pulumi.Config();
       console.log("plain is", config.require("plain"));
       exports.given = config.requireSecret("hidden").apply((text) => text.length);`,
      { plain: "here", hidden: { secret: "four" } },
    );
    const outcome = await stack.up();
    expect(outcome.code).toBe(0);
    expect(messages(outcome)).toContain("plain is here");
    const [root] = (await stack.exportState({ secrets: true })).deployment.resources ?? [];
    expect(root?.outputs?.given).toMatchObject({ plaintext: "4" });
  });

  test("that says itself what is wrong is not said to have failed otherwise", async () => {
    await open(`require("@pulumi/pulumi").log.error("no such thing").then(() => process.exit(32));`);
    const { code, stdout, stderr, diagnostics } = await stack.up();
    expect(code).not.toBe(0);
    expect(messages({ diagnostics })).toContain("no such thing");
    expect(stdout + stderr).not.toContain("an unhandled error occurred");
  });

  test("that ends with a code of its own fails with that code", async () => {
    await open("process.exit(3);");
    const outcome = await stack.up();
    expect(outcome.code).not.toBe(0);
    expect(messages(outcome)).toContain("Program exited with non-zero exit code: 3");
  });

  // Ctrl-C is passed on through the language host; a killed CLI only closes the host's input.
  test.each(["INT", "KILL"])("that never ends is ended when the CLI gets SIG%s", async (signal) => {
    const pids = join(folder, "pids");
    await open(`
      require("fs").writeFileSync(${JSON.stringify(pids)}, process.ppid + " " + process.pid);
      setInterval(() => {}, 1000);`);
    const script = `
      pulumi up --yes --skip-preview & cli=$!
      while [ ! -s "${pids}" ]; do sleep 0.1; done
      kill -${signal} $cli
      for second in 1 2 3 4 5 6 7 8; do
        alive=; for pid in $(cat "${pids}"); do kill -0 $pid 2>/dev/null && alive=$pid; done
        [ -z "$alive" ] && exit 0
        sleep 1
      done
      echo "$alive is still alive"`;
    const { stdout } = await run("/bin/sh", ["-c", script], { cwd: stack.folder, env: stack.env, timeoutSeconds: 60 });
    expect(readFileSync(pids, "utf8")).toMatch(/^\d+ \d+$/);
    expect(stdout).not.toContain("still alive");
  });

  test("with resources of a cloud has them from the stand-in: secrets stay secret, names are kept, replacements are the engine's", async () => {
    const program = (path: string) => `
      const pulumi = require("@pulumi/pulumi");
      const { Role } = require("@pulumi/aws/iam/role");
      const role = new Role("app", { assumeRolePolicy: "{}", path: "${path}", description: pulumi.secret("hidden") });
      exports.arn = role.arn;`;
    await open(program("/"), { "aws:region": "eu-west-1" });
    expect((await stack.up()).changes).toEqual({ create: 2 });
    const role = (await stack.exportState({ secrets: true })).deployment.resources?.find(({ urn }) =>
      urn.endsWith("::app"),
    );
    expect(role?.outputs).toMatchObject({
      arn: `arn:aws:iam::123456789012:role/${role?.id}`,
      description: { plaintext: '"hidden"' },
    });
    expect((await stack.up()).changes).toEqual({ same: 2 });

    writeFileSync(join(stack.folder, "index.js"), program("/teams/"));
    const moved = await stack.preview();
    expect(moved.steps.filter(({ op }) => op !== "same").map(({ op }) => op)).toEqual([
      "create-replacement",
      "replace",
      "delete-replaced",
    ]);
    expect((await stack.destroy()).changes).toEqual({ delete: 2 });
  });
});
