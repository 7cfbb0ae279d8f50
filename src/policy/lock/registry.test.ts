import { describe, expect, it } from "vitest";
import { parseLogins } from "./credentials.js";
import { digest, failure, index, resolve, server, userAndPassword, whole } from "./fixtures/registry.js";
import { type Reply, sha256, types } from "./fixtures/server.js";

const withoutDigest = { "content-type": types.index };

describe("a tag", () => {
  it("is resolved by one HEAD that asks for indexes and manifests of both families", async () => {
    const accepted: (string | undefined)[] = [];
    const { host, asked } = await server(({ headers }) => {
      accepted.push(headers.accept);
      return whole;
    });
    expect(await resolve(`${host}/team/app:1.0`)).toEqual({ digest, mediaType: types.index });
    expect(asked).toEqual(["HEAD /v2/team/app/manifests/1.0"]);
    expect(accepted).toEqual([[types.index, types.list, types.manifest, types.docker].join(", ")]);
  });

  it("is latest when there is none", async () => {
    const { host, asked } = await server(() => whole);
    await resolve(`${host}/app`);
    expect(asked).toEqual(["HEAD /v2/app/manifests/latest"]);
  });

  it.each([
    ["HEAD does not name the digest", { headers: withoutDigest }],
    ["HEAD names no whole digest", { headers: { ...withoutDigest, "docker-content-digest": "sha256:abc" } }],
    ["HEAD names no type", { headers: { "docker-content-digest": digest } }],
    ["there is no HEAD", { status: 405 }],
  ])("is resolved from the text when %s", async (_case, head) => {
    const { host, asked } = await server(({ line }) =>
      line.startsWith("HEAD") ? head : { ...whole, headers: withoutDigest },
    );
    expect(await resolve(`${host}/app:1`)).toEqual({ digest, mediaType: types.index });
    expect(asked).toHaveLength(2);
  });

  it("is told by the text itself when it is served as plain JSON", async () => {
    const { host } = await server(() => ({ headers: { "content-type": "application/json" }, body: index }));
    expect(await resolve(`${host}/app:1`)).toEqual({ digest, mediaType: types.index });
  });

  it("that is not there is said to be missing, with the registry's code", async () => {
    const { host } = await server(() => ({
      status: 404,
      body: { errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] },
    }));
    expect(await failure(`${host}/app:1`)).toBe(`RemoteError: ${host} has no app:1 (MANIFEST_UNKNOWN).`);
  });

  it("whose text is not what the registry says that it is, is refused", async () => {
    const { host } = await server(({ line }) => (line.startsWith("HEAD") ? { status: 405 } : { ...whole, body: "{}" }));
    expect(await failure(`${host}/app:1`)).toBe(
      `RemoteError: ${host}/app answers with something else than what it names: ${digest}.`,
    );
  });

  it.each([
    ["an index that is malformed at manifests", types.index, "{}"],
    ["an index that is malformed at manifests.0.digest", types.index, '{"manifests":[{"digest":1}]}'],
    ["an index that is malformed", types.list, "<html>"],
    ["a manifest that is malformed at config", types.docker, '{"schemaVersion":2}'],
  ])("that stands for %s is refused", async (what, type, body) => {
    const { host } = await server(() => ({ headers: { "content-type": type }, body }));
    expect(await failure(`${host}/app:1`)).toBe(`RemoteError: ${host}/app answers with ${what}.`);
  });

  it("in Docker's first format is refused, since its digest changes", async () => {
    const type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    const { host } = await server(() => ({
      headers: { "content-type": type, "docker-content-digest": digest },
      body: '{"schemaVersion":1}',
    }));
    expect(await failure(`${host}/app:1`)).toBe(
      `RemoteError: ${host}/app has an image in Docker's first format, which has no lasting digest. Push it again.`,
    );
  });

  it("that stands for far too much is not read to its end", async () => {
    const { host } = await server(() => ({ headers: { "content-type": types.index }, body: " ".repeat(5_000_000) }));
    expect(await failure(`${host}/app:1`)).toBe(`RemoteError: ${host} answers with more than 4 MiB.`);
  });
});

describe("the platforms of an image", () => {
  it("are those of its index, without attestations, read by the digest that HEAD named", async () => {
    const attested = JSON.stringify({
      manifests: [
        ...JSON.parse(index).manifests,
        { digest: sha256("attestation"), platform: { os: "unknown", architecture: "unknown" } },
      ],
    });
    const named = sha256(attested);
    const { host, asked } = await server(() => ({
      headers: { "content-type": types.index, "docker-content-digest": named },
      body: attested,
    }));
    expect(await resolve(`${host}/app:1`, {}, true)).toEqual({
      digest: named,
      mediaType: types.index,
      platforms: ["linux/amd64", "linux/arm64"],
    });
    expect(asked).toEqual(["HEAD /v2/app/manifests/1", `GET /v2/app/manifests/${named}`]);
  });

  it("are not known when the index does not say them of all", async () => {
    const body = JSON.stringify({ manifests: [{ digest: sha256("x") }, ...JSON.parse(index).manifests] });
    const { host } = await server(() => ({ headers: { "content-type": types.index }, body }));
    expect(await resolve(`${host}/app:1`, {}, true)).toEqual({ digest: sha256(body), mediaType: types.index });
  });

  it("are in the configuration of a single image, from wherever the registry keeps it", async () => {
    const config = JSON.stringify({ os: "linux", architecture: "arm64", history: [] });
    const manifest = JSON.stringify({ schemaVersion: 2, config: { digest: sha256(config), size: 1 }, layers: [] });
    const storage = await server(() => ({ body: config }));
    const { host } = await server(
      ({ url }): Reply =>
        url.pathname.includes("/blobs/")
          ? { status: 307, headers: { location: `http://${storage.host}/bucket/config?signature=s` } }
          : { headers: { "content-type": types.docker }, body: manifest },
    );
    expect(await resolve(`${host}/app:1`, {}, true)).toEqual({
      digest: sha256(manifest),
      mediaType: types.docker,
      platforms: ["linux/arm64"],
    });
    expect(storage.asked).toEqual(["GET /bucket/config?signature=s"]);
  });
});

describe("a mirror", () => {
  it("is asked in the registry's place, below its own path", async () => {
    const { host, asked } = await server(() => whole);
    const mirrors = new Map([["docker.io", `${host}/hub`]]);
    expect(await resolve("nginx:1", { mirrors })).toMatchObject({ digest });
    expect(asked).toEqual(["HEAD /v2/hub/library/nginx/manifests/1"]);
  });

  it("gets its own login, not the registry's", async () => {
    const seen: (string | undefined)[] = [];
    const { host } = await server(({ headers }) => {
      seen.push(headers.authorization);
      return headers.authorization ? whole : { status: 401, headers: { "www-authenticate": "Basic" } };
    });
    const logins = parseLogins(
      JSON.stringify({ auths: { "https://index.docker.io/v1/": { auth: btoa("hub:1") }, [host]: userAndPassword } }),
      "config.json",
    );
    await resolve("nginx:1", { mirrors: new Map([["docker.io", host]]), logins });
    expect(seen).toEqual([undefined, `Basic ${userAndPassword.auth}`]);
  });
});
