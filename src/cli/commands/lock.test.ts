import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../graph/model.js";
import { indexOf, serve, sha256, type TestServer, types } from "../../policy/lock/fixtures/server.js";
import { run } from "./lock.js";

let directory: string;
let registry: TestServer;
/** What the tags of the registry stand for: `app:1`. */
let tags: Record<string, string>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "plinth-lock-"));
  tags = { "app:1": indexOf("linux/amd64"), "app:2": indexOf("linux/amd64", "linux/arm64") };
  registry = await serve(({ url }) => {
    const [, name = "", tag = ""] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? [];
    const text = tags[`${name}:${tag}`] ?? Object.values(tags).find((each) => sha256(each) === tag);
    if (text === undefined) return { status: 404, body: { errors: [{ code: "MANIFEST_UNKNOWN" }] } };
    return { headers: { "content-type": types.index, "docker-content-digest": sha256(text) }, body: text };
  });
  await mkdir(join(directory, "k8s/sub"), { recursive: true });
  await deploy("app:1", "app:2");
});
afterEach(async () => {
  await registry.close();
  await rm(directory, { recursive: true, force: true });
});

/** One Deployment for each image of the test's registry. */
async function deploy(...images: readonly string[]): Promise<void> {
  const text = images.map((image, at) => deployment(`d${at}`, `${registry.host}/${image}`)).join("");
  await writeFile(join(directory, "k8s/app.yaml"), text);
}

function deployment(name: string, image: string, pod = ""): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec: { template: { spec: { ${pod}containers: [{ name: c, image: "${image}" }] } } }
`;
}

async function lock(args: readonly string[], stdin = "") {
  const output = { stdout: "", stderr: "" };
  const status = await run(args, {
    stdout: (text) => {
      output.stdout += text;
    },
    stderr: (text) => {
      output.stderr += text;
    },
    stdin: async () => stdin,
    env: { HOME: directory },
    directory,
    isTerminal: false,
  }).catch((error: unknown) => {
    if (error instanceof InputError) return `InputError: ${error.message}`;
    throw error;
  });
  const plain = (text: string) => text.replaceAll(registry.host, "HOST");
  return { status, stdout: plain(output.stdout), stderr: plain(output.stderr) };
}

const file = () => join(directory, "k8s/plinth.lock.json");
const images = async () =>
  JSON.parse((await readFile(file(), "utf8")).replaceAll(registry.host, "HOST")).images as Record<string, unknown>;
const entry = (text: string) => ({ digest: sha256(text), mediaType: types.index });
const path = "spec.template.spec.containers[0].image";

describe("plinth lock", () => {
  it("writes the digest of each tag beside the manifests, and the second time nothing", async () => {
    const [one, two] = [sha256(tags["app:1"]!), sha256(tags["app:2"]!)];
    expect(await lock(["k8s"])).toEqual({
      status: 0,
      stdout: `  added    HOST/app:1  ${one}\n  added    HOST/app:2  ${two}\nk8s/plinth.lock.json: 2 added, 0 updated, 0 unchanged\n`,
      stderr: "",
    });
    expect(await images()).toEqual({ "HOST/app:1": entry(tags["app:1"]!), "HOST/app:2": entry(tags["app:2"]!) });
    const { mtimeMs } = await stat(file());
    const asked = registry.asked.length;
    expect(await lock(["k8s"])).toMatchObject({
      status: 0,
      stdout: "k8s/plinth.lock.json: 0 added, 0 updated, 2 unchanged\n",
    });
    expect(registry.asked).toHaveLength(asked);
    expect((await stat(file())).mtimeMs).toBe(mtimeMs);
  });

  it("keeps a digest when its tag moves, until it is told to update", async () => {
    await lock(["k8s"]);
    const before = { one: tags["app:1"]!, two: tags["app:2"]! };
    tags = { "app:1": indexOf("linux/s390x"), "app:2": indexOf("linux/riscv64") };
    await lock(["k8s"]);
    expect(await images()).toEqual({ "HOST/app:1": entry(before.one), "HOST/app:2": entry(before.two) });
    expect((await lock(["k8s", `--update=${registry.host}/app:1`])).stdout).toBe(
      `  updated  HOST/app:1  ${sha256(before.one)} -> ${sha256(tags["app:1"]!)}\nk8s/plinth.lock.json: 0 added, 1 updated, 1 unchanged\n`,
    );
    expect(await images()).toEqual({ "HOST/app:1": entry(tags["app:1"]!), "HOST/app:2": entry(before.two) });
    await lock(["k8s", "--update"]);
    expect(await images()).toEqual({ "HOST/app:1": entry(tags["app:1"]!), "HOST/app:2": entry(tags["app:2"]!) });
  });

  it("keeps what another stack uses, and takes it out with --prune", async () => {
    await lock(["k8s"]);
    await deploy("app:2");
    const { stdout, stderr } = await lock(["k8s"]);
    expect(stdout).toBe("k8s/plinth.lock.json: 0 added, 0 updated, 1 unchanged\n");
    expect(stderr).toBe(
      "plinth: in k8s/plinth.lock.json, and not used here (--prune takes it out, unless another stack needs it):\n  HOST/app:1\n",
    );
    expect((await lock(["k8s", "--prune"])).stderr).toBe(
      "plinth: taken out of k8s/plinth.lock.json, as nothing here uses it:\n  HOST/app:1\n",
    );
    expect(Object.keys(await images())).toEqual(["HOST/app:2"]);
  });

  it("writes what it can and tells what it could not", async () => {
    await deploy("app:1", "gone:1", "App:1");
    expect(await lock(["k8s"])).toEqual({
      status: 1,
      stdout: expect.stringContaining("1 added, 0 updated"),
      stderr: `plinth: HOST/gone:1 could not be asked about: HOST has no gone:1 (MANIFEST_UNKNOWN).\n    Deployment d1 ${path}\nplinth: not locked: "HOST/App:1" is not an image's name\n    Deployment d2 ${path}\n`,
    });
    expect(Object.keys(await images())).toEqual(["HOST/app:1"]);
    await deploy("app:1", "gone:1");
    expect((await lock(["k8s"])).status).toBe(2);
  });

  it("tells of images that the pods' nodes cannot run", async () => {
    const text = deployment("arm", `${registry.host}/app:1`, "nodeSelector: { kubernetes.io/arch: arm64 }, ");
    await writeFile(join(directory, "k8s/app.yaml"), text);
    expect(await lock(["k8s"])).toMatchObject({
      status: 1,
      stderr: `plinth: HOST/app:1 is there for linux/amd64, but Deployment arm ${path} selects nodes with kubernetes.io/arch: arm64\n`,
    });
  });

  it("reads standard input and writes into the current folder", async () => {
    expect((await lock(["-"], deployment("d", `${registry.host}/app:1`))).stdout).toContain(
      "\nplinth.lock.json: 1 added",
    );
    expect(await readFile(join(directory, "plinth.lock.json"), "utf8")).toContain("/app:1");
  });

  it("writes into the folder that holds all manifests", async () => {
    await writeFile(join(directory, "k8s/sub/more.yaml"), deployment("more", `${registry.host}/app:2`));
    expect((await lock(["k8s/sub/more.yaml", "k8s/app.yaml"])).stdout).toContain("\nk8s/plinth.lock.json: 2 added");
  });

  it("asks the mirror", async () => {
    await writeFile(join(directory, "k8s/app.yaml"), deployment("d", "ghcr.io/app:1"));
    expect(await lock(["k8s", "--mirror", `ghcr.io=http://${registry.host}`])).toMatchObject({ status: 0 });
    expect(await images()).toEqual({ "ghcr.io/app:1": entry(tags["app:1"]!) });
  });

  it("does not touch a lock file that it cannot read", async () => {
    await writeFile(file(), "<<<<<<< HEAD\n");
    expect((await lock(["k8s"])).status).toMatch(/^InputError: .*plinth\.lock\.json: it holds a merge conflict\./);
    expect(await readFile(file(), "utf8")).toBe("<<<<<<< HEAD\n");
  });

  it.each([
    [["k8s", "--offline"], "--offline is for --check: to lock, registries must be asked."],
    [["k8s", "--check", "--update"], "--check changes nothing, so --update cannot be with it. Give one."],
    [["k8s", "--check", "--prune"], "--check changes nothing, so --prune cannot be with it. Give one."],
    [["k8s", "--mirror", "docker.io"], '--mirror has no "=" between key and value; write --mirror key=value.'],
  ])("%j is refused", async (args, message) => {
    expect(await lock(args)).toEqual({ status: `InputError: ${message}`, stdout: "", stderr: "" });
  });

  it("prints help with an example", async () => {
    const { status, stdout } = await lock(["--help"]);
    expect({ status, example: stdout.includes("Examples:\n  plinth lock ") }).toEqual({ status: 0, example: true });
  });
});

describe("plinth lock --check", () => {
  it("finds nothing right after locking", async () => {
    await lock(["k8s"]);
    expect(await lock(["k8s", "--check"])).toEqual({
      status: 0,
      stdout: "k8s/plinth.lock.json: 2 as locked, 0 missing, 0 moved\n",
      stderr: "",
    });
  });

  it("finds names that are missing and tags that moved, and changes nothing", async () => {
    await deploy("app:1");
    await lock(["k8s"]);
    await deploy("app:1", "app:2");
    const [old, text] = [sha256(tags["app:1"]!), await readFile(file(), "utf8")];
    tags = { ...tags, "app:1": indexOf("linux/s390x") };
    expect(await lock(["k8s", "--check"])).toEqual({
      status: 1,
      stdout: `HOST/app:1 moved from ${old} to ${sha256(tags["app:1"]!)}\n    Deployment d0 ${path}
HOST/app:2 is not in k8s/plinth.lock.json; it is ${sha256(tags["app:2"]!)} now\n    Deployment d1 ${path}
k8s/plinth.lock.json: 0 as locked, 1 missing, 1 moved. Run plinth lock --update and commit k8s/plinth.lock.json\n`,
      stderr: "",
    });
    expect(await readFile(file(), "utf8")).toBe(text);
  });

  it("asks nobody with --offline", async () => {
    await deploy("app:1");
    await lock(["k8s"]);
    await deploy("app:1", "app:2");
    const asked = registry.asked.length;
    expect(await lock(["k8s", "--check", "--offline"])).toEqual({
      status: 1,
      stdout: `HOST/app:2 is not in k8s/plinth.lock.json\n    Deployment d1 ${path}\nk8s/plinth.lock.json: 1 as locked, 1 missing, 0 moved. Run plinth lock and commit k8s/plinth.lock.json\n`,
      stderr: "",
    });
    expect(registry.asked).toHaveLength(asked);
  });

  it("is status 2 when all that is wrong is that a registry does not answer", async () => {
    await lock(["k8s"]);
    tags = {};
    expect(await lock(["k8s", "--check"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("HOST/app:1 could not be asked about: HOST has no app:1 (MANIFEST_UNKNOWN).\n"),
    });
  });

  it("is one shape in JSON", async () => {
    await deploy("app:1");
    const { status, stdout } = await lock(["k8s", "--check", "--format", "json"]);
    expect({ status, ...JSON.parse(stdout) }).toEqual({
      status: 1,
      version: 1,
      file: "k8s/plinth.lock.json",
      pinned: 0,
      entries: [
        {
          status: "missing",
          kind: "image",
          reference: "HOST/app:1",
          digest: sha256(tags["app:1"]!),
          usedBy: [`Deployment d0 ${path}`],
        },
      ],
      summary: { missing: 1 },
    });
  });
});
