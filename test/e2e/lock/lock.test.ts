import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { run as runLock } from "../../../src/cli/commands/lock.js";
import { InputError } from "../../../src/graph/model.js";
import { describeWith } from "../needs.js";
import { pusher } from "./push.js";
import { type RegistryServer, startRegistry } from "./server.js";
import { ISSUER, SERVICE, startTokenService, type TokenService } from "./token-service.js";

const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const PASSWORD = "correct horse";
/** Of the password, made with bcrypt and the least cost. */
const PASSWORD_HASH = "$2a$04$6PKJ9rsFFCJiKNTtNwk75OEgrbhGEmXH2EwJloUMbadwLs1oHF2G6";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "plinth-e2e-lock-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs `plinth lock` in the test's folder, whose `config.json` is Docker's. */
async function lock(...args: readonly string[]) {
  let output = "";
  const add = (text: string) => {
    output += text;
  };
  const status = await runLock(args, {
    stdout: add,
    stderr: add,
    stdin: async () => "",
    env: { DOCKER_CONFIG: directory },
    directory,
    isTerminal: false,
  }).catch((error: unknown) => {
    if (error instanceof InputError) return error.message;
    throw error;
  });
  return { status, output };
}

async function pods(...images: readonly string[]): Promise<void> {
  const text = images.map((image, at) => pod(`p${at}`, image)).join("---\n");
  await writeFile(join(directory, "pods.yaml"), text);
}

function pod(name: string, image: string, more = ""): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { ${more}containers: [{ name: c, image: "${image}" }] }\n`;
}

const logIn = (host: string, user: string, password: string) =>
  writeFile(
    join(directory, "config.json"),
    JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${user}:${password}`).toString("base64") } } }),
  );

const lockFile = async () => JSON.parse(await readFile(join(directory, "plinth.lock.json"), "utf8"));

describeWith(["registry"], "plinth lock and a registry for everyone", () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.stop());

  it("locks indexes and images of both families by their own digests", async () => {
    const { host } = registry;
    const [oci, docker] = [pusher(host), pusher(host, undefined, "docker")];
    const digests = {
      [`${host}/kinds/oci:1`]: {
        digest: await oci.index("kinds/oci", "1", ["linux/amd64", "linux/arm64"]),
        mediaType: INDEX,
      },
      [`${host}/kinds/oci:one`]: { digest: await oci.image("kinds/oci", "one", "linux/amd64"), mediaType: MANIFEST },
      [`${host}/kinds/docker:1`]: {
        digest: await docker.index("kinds/docker", "1", ["linux/amd64"]),
        mediaType: DOCKER_LIST,
      },
      [`${host}/kinds/docker:one`]: {
        digest: await docker.image("kinds/docker", "one", "linux/amd64"),
        mediaType: DOCKER_MANIFEST,
      },
    };
    await pods(...Object.keys(digests));
    expect((await lock("pods.yaml")).status).toBe(0);
    expect(await lockFile()).toEqual({ version: 1, images: digests, charts: {} });
    expect((await lock("pods.yaml", "--check")).status).toBe(0);
  });

  it("finds that a tag moved, and from where to where", async () => {
    const { host } = registry;
    const push = pusher(host);
    const old = await push.index("moving/app", "1.0", ["linux/amd64"], "old");
    const still = await push.index("moving/still", "1.0", ["linux/amd64"]);
    await pods(`${host}/moving/app:1.0`, `${host}/moving/still:1.0`);
    await lock("pods.yaml");

    const now = await push.index("moving/app", "1.0", ["linux/amd64"], "new");
    expect(now).not.toBe(old);
    const checked = await lock("pods.yaml", "--check");
    expect(checked).toEqual({
      status: 1,
      output: `${host}/moving/app:1.0 moved from ${old} to ${now}\n    Pod p0 spec.containers[0].image\nplinth.lock.json: 1 as locked, 0 missing, 1 moved. Run plinth lock --update and commit plinth.lock.json\n`,
    });
    expect((await lock("pods.yaml", "--check", "--offline")).status).toBe(0);

    expect((await lock("pods.yaml", "--update")).status).toBe(0);
    const { images } = await lockFile();
    expect([`${host}/moving/app:1.0`, `${host}/moving/still:1.0`].map((name) => images[name].digest)).toEqual([
      now,
      still,
    ]);
    expect((await lock("pods.yaml", "--check")).status).toBe(0);
  });

  it("knows the platforms of indexes and of single images", async () => {
    const { host } = registry;
    const push = pusher(host);
    await push.index("arch/both", "1", ["linux/amd64", "linux/arm64"]);
    await push.image("arch/one", "1", "linux/amd64");
    const select = "nodeSelector: { kubernetes.io/arch: arm64 }, ";
    const text = [pod("a", `${host}/arch/both:1`, select), pod("b", `${host}/arch/one:1`, select)].join("---\n");
    await writeFile(join(directory, "pods.yaml"), text);
    const { status, output } = await lock("pods.yaml");
    expect(status).toBe(1);
    expect(output).toContain(
      `plinth: ${host}/arch/one:1 is there for linux/amd64, but Pod b spec.containers[0].image selects nodes with kubernetes.io/arch: arm64\n`,
    );
    expect(output).not.toContain("arch/both:1 is there for");
  });

  it("locks charts", async () => {
    const { host } = registry;
    const digest = await pusher(host).chart("charts/keda", "2.20.2");
    const application = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: keda }
spec: { source: { repoURL: "${host}/charts", chart: keda, targetRevision: 2.20.2 } }
`;
    await writeFile(join(directory, "pods.yaml"), application);
    expect((await lock("pods.yaml")).status).toBe(0);
    expect((await lockFile()).charts).toEqual({
      [`oci://${host}/charts/keda:2.20.2`]: { digest, mediaType: MANIFEST },
    });
  });

  it("says what the registry does not have", async () => {
    await pods(`${registry.host}/gone:1`);
    expect(await lock("pods.yaml")).toEqual({
      status: 2,
      output: expect.stringContaining(
        `${registry.host}/gone:1 could not be asked about: ${registry.host} has no gone:1 (MANIFEST_UNKNOWN).\n`,
      ),
    });
  });

  it("is the mirror of Docker Hub", async () => {
    const digest = await pusher(registry.host).index("hub/library/nginx", "1.29", ["linux/amd64"]);
    await pods("nginx:1.29");
    expect((await lock("pods.yaml", "--mirror", `docker.io=http://${registry.host}/hub`)).status).toBe(0);
    expect((await lockFile()).images).toEqual({ "nginx:1.29": { digest, mediaType: INDEX } });
  });

  it("gives a program's nouns the digests that they deploy, and finds them as locked", async () => {
    const name = `${registry.host}/team/model:1.0`;
    const digest = await pusher(registry.host).index("team/model", "1.0", ["linux/amd64"]);
    const program = join(directory, "program");
    await mkdir(program);
    await symlink(NODE_MODULES, join(program, "node_modules"));
    await writeFile(join(program, "Pulumi.yaml"), "name: locked\nruntime: nodejs\n");
    await writeFile(join(program, "package.json"), JSON.stringify({ type: "module", main: "index.js" }));
    await writeFile(
      join(program, "index.js"),
      `import { engine, ExistingCluster, InferenceEndpoint } from "plinth";
const platform = new ExistingCluster("cluster", { kubeconfig: "{}", environment: "development", namespace: "ml" });
new InferenceEndpoint("model", { platform, engine: engine.custom({ image: "${name}", port: 8080, readinessPath: "/" }) });
`,
    );
    const deployed = async () => {
      const { output } = await lock("program", "--check", "--offline", "--format", "json", "--stack", "dev");
      return JSON.parse(output.slice(output.indexOf("{\n"), output.lastIndexOf("}") + 1));
    };
    expect((await deployed()).entries).toMatchObject([{ status: "missing", reference: name }]);
    expect(await lock("program", "--stack", "dev")).toMatchObject({ status: 0 });
    const { images } = JSON.parse(await readFile(join(program, "plinth.lock.json"), "utf8"));
    expect(images).toEqual({ [name]: { digest, mediaType: INDEX } });

    const { runProgram } = await import("../../../src/engine/run-program.js");
    const { graph } = await runProgram({ directory: program, stack: "dev" });
    const [deployment] = graph.nodes.filter(({ type }) => type === "kubernetes:apps/v1:Deployment");
    expect(JSON.stringify(deployment?.inputs)).toContain(`"image":"${name}@${digest}"`);
    expect((await deployed()).entries).toMatchObject([{ status: "locked", reference: name, digest }]);
  });
});

describeWith(["registry"], "plinth lock and a registry with passwords", () => {
  let registry: RegistryServer;
  let digest: string;
  const authorization = `Basic ${Buffer.from(`ci:${PASSWORD}`).toString("base64")}`;
  beforeAll(async () => {
    const auth = (folder: string) => ({ htpasswd: { realm: "tests", path: join(folder, "htpasswd") } });
    registry = await startRegistry(auth, { htpasswd: `ci:${PASSWORD_HASH}\n` });
    digest = await pusher(registry.host, authorization).index("team/app", "1", ["linux/amd64"]);
  });
  afterAll(() => registry.stop());

  it("uses that of Docker's config.json", async () => {
    await pods(`${registry.host}/team/app:1`);
    await logIn(registry.host, "ci", PASSWORD);
    expect((await lock("pods.yaml")).status).toBe(0);
    expect((await lockFile()).images).toEqual({ [`${registry.host}/team/app:1`]: { digest, mediaType: INDEX } });
  });

  it("shows no password when it is refused", async () => {
    await pods(`${registry.host}/team/app:1`);
    expect((await lock("pods.yaml")).output).toContain(`run "docker login ${registry.host}"`);
    await logIn(registry.host, "ci", "battery staple");
    const { status, output } = await lock("pods.yaml");
    expect(status).toBe(2);
    expect(output).toContain(`The login for ${registry.host} in Docker's config.json is not accepted.`);
    expect(output).not.toMatch(/battery|Y2k6/);
  });
});

describeWith(["registry"], "plinth lock and a registry with a token service", () => {
  let service: TokenService;
  let registry: RegistryServer;
  const digests: Record<string, string> = {};
  beforeAll(async () => {
    service = await startTokenService({ ci: PASSWORD });
    const auth = (folder: string) => ({
      token: { realm: service.realm, service: SERVICE, issuer: ISSUER, jwks: join(folder, "keys.json") },
    });
    registry = await startRegistry(auth, { "keys.json": service.jwks });
    for (const repository of ["public/app", "private/app"]) {
      const push = pusher(registry.host, `Bearer ${service.pushToken(repository)}`);
      digests[`${registry.host}/${repository}:1`] = await push.index(repository, "1", ["linux/amd64"]);
    }
  });
  afterAll(async () => {
    await registry.stop();
    await service.close();
  });

  it("reads what is public without a login, and not what is private", async () => {
    await pods(...Object.keys(digests));
    const { status, output } = await lock("pods.yaml");
    expect(status).toBe(2);
    expect(output).toContain(
      `${registry.host} does not show private/app (status 401): it is not there, or not for everyone.`,
    );
    const [name = ""] = Object.keys(digests);
    expect((await lockFile()).images).toEqual({ [name]: { digest: digests[name], mediaType: INDEX } });
    expect(service.given.get("")).toBeGreaterThanOrEqual(2);
  });

  it("reads what is private with the login of Docker's config.json", async () => {
    await pods(...Object.keys(digests));
    await logIn(registry.host, "ci", PASSWORD);
    expect((await lock("pods.yaml")).status).toBe(0);
    const { images } = await lockFile();
    expect(Object.keys(digests).map((name) => images[name].digest)).toEqual(Object.values(digests));
    expect(service.given.get("ci")).toBe(2);
  });

  it("says that the login is refused, without it", async () => {
    await pods(...Object.keys(digests));
    await logIn(registry.host, "ci", "battery staple");
    const { output } = await lock("pods.yaml");
    expect(output).toContain(`refuses the login for ${registry.host} in Docker's config.json (status 401).`);
    expect(output).not.toMatch(/battery|Y2k6/);
  });
});
