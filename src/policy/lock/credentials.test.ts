import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseLogins, readLogins } from "./credentials.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const logins = (config: object) => parseLogins(JSON.stringify(config), "config.json");

describe("the logins of Docker's config.json", () => {
  it("are found by registry, however it was written", () => {
    const { find } = logins({
      auths: {
        "https://index.docker.io/v1/": { auth: base64("hub:one") },
        "https://ghcr.io": { auth: base64("github:two:with colon") },
        "registry.lan:5000": { username: "local", password: "three" },
        "quay.io": { identitytoken: "four" },
        "empty.example.com": {},
      },
    });
    expect(find("docker.io", "library/nginx")).toEqual({ username: "hub", password: "one" });
    expect(find("ghcr.io", "acme/app")).toEqual({ username: "github", password: "two:with colon" });
    expect(find("registry.lan:5000", "app")).toEqual({ username: "local", password: "three" });
    expect(find("quay.io", "app")).toEqual({ identityToken: "four" });
    expect(find("empty.example.com", "app")).toBeUndefined();
    expect(find("registry.lan", "app")).toBeUndefined();
  });

  it("of a path go before those of the whole registry", () => {
    const { find } = logins({
      auths: {
        "quay.io": { auth: base64("all:1") },
        "quay.io/acme": { auth: base64("acme:2") },
        "quay.io/acme/empty": {},
      },
    });
    expect(find("quay.io", "acme/app")).toEqual({ username: "acme", password: "2" });
    expect(find("quay.io", "acme/empty/app")).toEqual({ username: "acme", password: "2" });
    expect(find("quay.io", "acmeother/app")).toEqual({ username: "all", password: "1" });
  });

  it("may be in a helper, which is named", () => {
    const { helper } = logins({
      credsStore: "desktop",
      credHelpers: { "123.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login" },
    });
    expect(helper("123.dkr.ecr.eu-west-1.amazonaws.com")).toBe("ecr-login");
    expect(helper("ghcr.io")).toBe("desktop");
    expect(logins({}).helper("ghcr.io")).toBeUndefined();
  });

  it("that cannot be read are named without what they hold", () => {
    const broken = logins({ auths: { "ghcr.io": { auth: base64("hunter2") } } });
    const message = (run: () => unknown) => {
      try {
        run();
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message(() => broken.find("ghcr.io", "a"))).toBe(
      'auths["ghcr.io"] in config.json: "auth" is not base64 of USER:PASSWORD. Log in again with "docker login".',
    );
    expect(message(() => parseLogins('{"auths":{"ghcr.io":{"auth":"hunter2"', "f"))).toBe("f is not JSON.");
    expect(message(() => parseLogins('{"auths":{"ghcr.io":{"auth":["hunter2"]}}}', "f"))).toBe(
      'f: auths.ghcr.io.auth is not as "docker login" writes it.',
    );
  });

  it("are those of DOCKER_CONFIG, else of the home folder, else none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plinth-docker-"));
    try {
      expect((await readLogins({ HOME: folder })).find("ghcr.io", "a")).toBeUndefined();
      await writeFile(
        join(folder, "config.json"),
        JSON.stringify({ auths: { "ghcr.io": { auth: base64("me:you") } } }),
      );
      expect((await readLogins({ DOCKER_CONFIG: folder })).find("ghcr.io", "a")).toEqual({
        username: "me",
        password: "you",
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
