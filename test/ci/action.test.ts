import { execFile, execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { action, root, type Step } from "./files.js";

/** The steps of the action in a repository of their own, with the variables that a runner sets. */
let directory: string;
let workspace: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "plinth-action-")));
  workspace = join(directory, "repository");
  await mkdir(join(directory, "temp"));
  await write("k8s/app.yaml", claim("1Gi"));
  await write("node_modules/.bin/README", "");
  await symlink(join(root, "dist/cli/main.js"), join(workspace, "node_modules/.bin/plinth"));
  await write(".gitignore", "node_modules\n");
  git("init", "--quiet");
  commit();
  git("branch", "base");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const claim = (size: string, more = "") =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: { name: models, namespace: ml }\nspec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: ${size} } } }\n${more}`;
const broken =
  "---\napiVersion: v1\nkind: Service\nmetadata: { name: open, namespace: ml }\nspec: { type: NodePort, selector: { app: a } }\n";

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(workspace, name)), { recursive: true });
  await writeFile(join(workspace, name), text);
}

function git(...args: string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...args], { cwd: workspace, encoding: "utf8" }).trim();
}

function commit(): void {
  git("add", "-A");
  git("commit", "--quiet", "-m", "change");
}

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** What a runner knows in `${{ }}`; only what the steps of the action ask for. */
type Context = Record<string, string>;

/** Runs one step as GitHub's runner does: `bash --noprofile --norc -eo pipefail FILE`, its outputs into the context. */
async function step(name: string, context: Context, more: Record<string, string> = {}): Promise<Ran> {
  const found = action.runs.steps.find((each) => each.name === name);
  if (found?.run === undefined) throw new Error(`the action has no step ${name} with a script`);
  const script = join(directory, "step.sh");
  const outputs = join(directory, "outputs");
  await writeFile(script, found.run);
  await writeFile(outputs, "");
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    RUNNER_TEMP: join(directory, "temp"),
    GITHUB_WORKSPACE: workspace,
    GITHUB_OUTPUT: outputs,
    GITHUB_STEP_SUMMARY: join(directory, "summary.md"),
    GITHUB_REPOSITORY: "acme/platform",
    ...environmentOf(found, context),
    ...more,
  };
  const ran = await new Promise<Ran>((done) => {
    const args = ["--noprofile", "--norc", "-eo", "pipefail", script];
    const child = execFile("bash", args, { cwd: workspace, env }, (error, stdout, stderr) => {
      done({ code: error ? (child.exitCode ?? 1) : 0, output: stdout + stderr });
    });
  });
  for (const line of (await readFile(outputs, "utf8")).split("\n").filter((text) => text !== "")) {
    context[`steps.${found.id}.outputs.${line.slice(0, line.indexOf("="))}`] = line.slice(line.indexOf("=") + 1);
  }
  return ran;
}

/** The step's `env` with its expressions evaluated: names, and `a || b`. */
function environmentOf({ env = {} }: Step, context: Context): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, text]) => {
      const value = text.replace(/\$\{\{ (.+?) \}\}/g, (_, expression: string) => {
        const names = expression.split(" || ");
        return names.map((each) => context[each] ?? "").find((each) => each !== "") ?? "";
      });
      return [name, value];
    }),
  );
}

const inputs = (given: Record<string, string>): Context => {
  const all = Object.entries(action.inputs).map(([name, { default: value }]) => [
    `inputs.${name}`,
    given[name] ?? value,
  ]);
  return { ...Object.fromEntries(all), "github.event.pull_request.base.sha": git("rev-parse", "base") };
};

async function runAll(given: Record<string, string>, context = inputs(given)) {
  const ran: Record<string, Ran> = {};
  for (const name of ["Find plinth", "Check", "Compare", "Report", "Result"]) ran[name] = await step(name, context);
  const folder = context["steps.prepare.outputs.folder"] ?? "";
  const read = (file: string) => readFile(join(folder, file), "utf8");
  return { ran, context, summary: await readFile(join(directory, "summary.md"), "utf8"), read };
}

describe("the action on a pull request", () => {
  it("checks, compares, writes the summary and ends well when nothing is wrong", async () => {
    await write("k8s/app.yaml", claim("2Gi"));
    const { ran, context, summary, read } = await runAll({ program: "k8s" });
    expect(Object.values(ran).map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(context).toMatchObject({ "steps.check.outputs.status": "0", "steps.diff.outputs.status": "0" });
    expect(summary).toMatch(/^<!-- plinth: k8s {2}-->\n## Plinth: k8s \n\n### Changes\n/);
    expect(summary).toContain('"1Gi" → "2Gi"');
    expect(summary).toContain("### Policy: no violations");
    expect(JSON.parse(await read("findings.sarif"))).toMatchObject({ version: "2.1.0" });
  });

  it("annotates findings, says what is at risk, and fails for both at the end", async () => {
    await write("k8s/app.yaml", broken.slice(4));
    const { ran, summary } = await runAll({ program: "k8s" });
    expect(ran.Check).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^::error .*file=k8s\/app\.yaml,line=/m),
    });
    expect(summary).toContain("### Changes: data at risk");
    expect(summary).toContain("### Policy: violations");
    expect(ran.Result?.code).toBe(1);
    expect(ran.Result?.output.split("\n").filter((line) => line.startsWith("::error"))).toHaveLength(2);
    const lenient = inputs({ program: "k8s", "fail-on": "critical", "diff-fail-on": "none" });
    expect((await runAll({}, lenient)).ran.Result?.code).toBe(0);
  });

  it("runs a program of both revisions, with the packages that are installed", async () => {
    const program = (data: string) =>
      `const kubernetes = require("@pulumi/kubernetes");\nconst provider = new kubernetes.Provider("cluster", { kubeconfig: "{}" });\nnew kubernetes.core.v1.ConfigMap("settings", { metadata: { name: "settings", namespace: "ml" }, data: { size: "${data}" } }, { provider });\n`;
    await write("Pulumi.yaml", "name: shop\nruntime: nodejs\n");
    await write("Pulumi.prod.yaml", "config: {}\n");
    await write("index.js", program("small"));
    commit();
    git("branch", "--force", "base");
    await write("index.js", program("large"));
    await symlink(join(root, "node_modules/@pulumi"), join(workspace, "node_modules/@pulumi"));
    const { ran, summary } = await runAll({ stack: "prod", "diff-fail-on": "replace" });
    expect(summary).toMatch(
      /\| replaced \| ConfigMap ml\/settings \| <code>data\.size<\/code> "small" → "large" \| <code>index\.js:3:1<\/code> \|/,
    );
    expect(ran.Result).toMatchObject({
      code: 1,
      output: expect.stringContaining("changes that the input diff-fail-on"),
    });
  });

  it("tells what could not be read, with nothing that is run or formatted", async () => {
    await write("k8s/app.yaml", "kind: [\n```\n");
    const { ran, context, summary } = await runAll({ program: "k8s" });
    expect(context).toMatchObject({ "steps.check.outputs.status": "2", "steps.diff.outputs.status": "2" });
    expect(summary).toMatch(/### The comparison failed\n\n {4}plinth: /);
    expect(ran.Result?.code).toBe(2);
  });

  it("takes inputs for what they are, never for commands", async () => {
    const strange = "a b$(touch hacked)`touch hacked`;touch hacked";
    await write(`${strange}/app.yaml`, claim("1Gi"));
    const { context, summary } = await runAll({ program: strange, base: "base" });
    expect(context).toMatchObject({ "steps.check.outputs.status": "0", "steps.diff.outputs.status": "0" });
    expect(summary).not.toMatch(/[`$;]\(?touch/);
    const option = await runAll({ program: "k8s", base: "--output=hacked", stack: "--help" });
    expect(option.ran.Compare?.code).not.toBe(0);
    await expect(readFile(join(workspace, "hacked"))).rejects.toThrow();
  });

  it("says that plinth or the folder is missing", async () => {
    const missing = await step("Find plinth", inputs({ program: "nowhere" }));
    expect(missing).toMatchObject({
      code: 2,
      output: expect.stringContaining('::error title=Plinth::There is no folder "nowhere"'),
    });
    await rm(join(workspace, "node_modules"), { recursive: true });
    const uninstalled = await step("Find plinth", inputs({ program: "k8s" }));
    expect(uninstalled).toMatchObject({ code: 2, output: expect.stringContaining("run npm ci before this action") });
  });

  it("fetches the base when the checkout has only the merge", async () => {
    await write("k8s/app.yaml", claim("2Gi"));
    commit();
    const origin = join(directory, "origin");
    git("clone", "--quiet", "--bare", workspace, origin);
    execFileSync("git", ["-C", origin, "config", "uploadpack.allowAnySHA1InWant", "true"]);
    const shallow = join(directory, "shallow");
    git("clone", "--quiet", "--depth=1", `file://${origin}`, shallow);
    await symlink(join(workspace, "node_modules"), join(shallow, "node_modules"));
    const context = inputs({ program: "k8s" });
    workspace = shallow;
    const { ran, summary } = await runAll({}, context);
    expect(ran.Compare).toMatchObject({ code: 0 });
    expect(summary).toContain('"1Gi" → "2Gi"');
  });
});

describe("the comment of the action", () => {
  let server: Server;
  /** What GitHub has, and how it answers. */
  let comments: { id: number; user: { login: string }; body: string }[];
  let requests: string[];
  let refusal: number | undefined;
  beforeEach(async () => {
    comments = [];
    requests = [];
    refusal = undefined;
    server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      requests.push(`${request.method} ${request.url}`);
      const answer = (status: number, value: unknown, headers = {}) =>
        response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
      if (request.url === "/user" || request.headers.authorization !== "Bearer t0ken") return answer(403, {});
      if (request.method === "GET") {
        const page = Number(/[?&]page=(\d+)/.exec(request.url ?? "")?.[1] ?? 1);
        const next = `<${api()}/repos/acme/platform/issues/7/comments?per_page=100&page=${page + 1}>; rel="next"`;
        return answer(200, comments.slice(page - 1, page), page < comments.length ? { link: next } : {});
      }
      if (refusal !== undefined) return answer(refusal, {});
      const { body } = JSON.parse(text) as { body: string };
      const own = comments.find(({ id }) => request.url?.endsWith(`/comments/${id}`));
      if (own) own.body = body;
      else comments.push({ id: comments.length + 1, user: { login: "github-actions[bot]" }, body });
      return answer(200, {});
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  });
  afterEach(() => new Promise((closed) => server.close(closed)));

  const api = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function comment(report: string): Promise<Ran> {
    const context: Context = {
      ...inputs({ token: "t0ken" }),
      "github.event.pull_request.number": "7",
      "steps.prepare.outputs.folder": directory,
    };
    await writeFile(join(directory, "report.md"), report);
    return step("Comment", context, { GITHUB_API_URL: api() });
  }

  it("is written once and updated from then on, and is never another's", async () => {
    comments = [
      { id: 1, user: { login: "mallory" }, body: "<!-- plinth: k8s -->\nmine" },
      { id: 2, user: { login: "github-actions[bot]" }, body: "<!-- plinth: other -->\n" },
    ];
    expect(await comment("<!-- plinth: k8s -->\nfirst")).toEqual({ code: 0, output: "" });
    expect(await comment("<!-- plinth: k8s -->\nsecond")).toEqual({ code: 0, output: "" });
    expect(comments.map(({ body }) => body)).toEqual([
      "<!-- plinth: k8s -->\nmine",
      "<!-- plinth: other -->\n",
      "<!-- plinth: k8s -->\nsecond",
    ]);
    expect(requests.at(-1)).toBe("PATCH /repos/acme/platform/issues/comments/3");
  });

  it("is cut to what GitHub takes", async () => {
    await comment(`<!-- plinth: k8s -->\n${"x".repeat(100_000)}`);
    expect(comments[0]?.body).toHaveLength(65_000 + "\n\n… the summary of the run has the rest.".length);
  });

  it("that may not be written is a notice, and one that cannot be written a warning", async () => {
    refusal = 403;
    expect(await comment("<!-- plinth: k8s -->\n")).toEqual({
      code: 0,
      output:
        "::notice title=Plinth::No comment: the token may not write one. The report is in the summary of this run.\n",
    });
    refusal = 500;
    expect(await comment("<!-- plinth: k8s -->\n")).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^::warning .*: 500\n$/),
    });
  });
});
