import { describe, expect, it } from "vitest";
import { parseImage } from "../../rules/images/reference.js";
import { parseLogins } from "./credentials.js";
import { digest, failure, loginsFor, resolve, server, settings, userAndPassword, whole } from "./fixtures/registry.js";
import { types } from "./fixtures/server.js";
import { registryClient } from "./registry.js";

describe("a registry that wants a token", () => {
  const guarded = (realm: (host: string) => string, accepted: string) => {
    const at = { host: "" };
    return server(({ url, headers }) => {
      if (url.pathname === "/token") return { body: { token: "t0ken", expires_in: 60 } };
      if (headers.authorization === accepted) return whole;
      const challenge = `Bearer realm="${realm(at.host)}",service="registry.test",scope="repository:${url.pathname.split("/")[2]}:pull"`;
      return { status: 401, headers: { "www-authenticate": challenge } };
    }).then((started) => {
      at.host = started.host;
      return started;
    });
  };

  it("gets one from the service that it names, without a login for what is public", async () => {
    const { host, asked } = await guarded((self) => `http://${self}/token`, "Bearer t0ken");
    expect(await resolve(`${host}/app:1`)).toEqual({ digest, mediaType: types.index });
    expect(asked).toEqual([
      "HEAD /v2/app/manifests/1",
      "GET /token?service=registry.test&scope=repository%3Aapp%3Apull&client_id=plinth",
      "HEAD /v2/app/manifests/1 +Bearer",
    ]);
  });

  it("gets one for each repository, once", async () => {
    const { host, asked } = await guarded((self) => `http://${self}/token`, "Bearer t0ken");
    const client = registryClient(settings);
    for (const name of ["app:1", "app:2", "other:1"]) await client.resolve(parseImage(`${host}/${name}`)!, false);
    expect(asked.filter((line) => line.includes("/token"))).toHaveLength(2);
  });

  it("gets one for the login in config.json", async () => {
    const { host, asked } = await guarded((self) => `http://${self}/token?a=b`, "Bearer t0ken");
    await resolve(`${host}/app:1`, { logins: loginsFor(host, userAndPassword) });
    expect(asked[1]).toBe("GET /token?a=b&service=registry.test&scope=repository%3Aapp%3Apull&client_id=plinth +Basic");
  });

  it("gets one for the identity token in config.json", async () => {
    let form = "";
    const { host } = await server(({ line, body, headers }) => {
      if (line === "POST /token") {
        form = body;
        return { body: { access_token: "t0ken" } };
      }
      if (headers.authorization === "Bearer t0ken") return whole;
      return { status: 401, headers: { "www-authenticate": `Bearer realm="http://${headers.host}/token"` } };
    });
    expect(await resolve(`${host}/app:1`, { logins: loginsFor(host, { identitytoken: "longlived" }) })).toMatchObject({
      digest,
    });
    expect(Object.fromEntries(new URLSearchParams(form))).toEqual({
      grant_type: "refresh_token",
      scope: "repository:app:pull",
      client_id: "plinth",
      refresh_token: "longlived",
    });
  });

  it("is asked for another when the first has ended", async () => {
    let tokens = 0;
    const { host } = await server(({ url, headers }) => {
      if (url.pathname === "/token") return { body: { token: `t${++tokens}` } };
      if (headers.authorization === `Bearer t${url.pathname.endsWith("/2") ? 2 : 1}`) return whole;
      return { status: 401, headers: { "www-authenticate": `Bearer realm="http://${headers.host}/token"` } };
    });
    const client = registryClient(settings);
    await client.resolve(parseImage(`${host}/app:1`)!, false);
    expect(await client.resolve(parseImage(`${host}/app:2`)!, false)).toMatchObject({ digest });
  });

  it("is not given a login over a service without TLS", async () => {
    const { host, asked } = await guarded(() => "http://token.example.com/token", "");
    const logins = loginsFor(host, userAndPassword);
    expect(await failure(`${host}/app:1`, { logins })).toBe(
      `RemoteError: ${host} names no token service with an https address.`,
    );
    expect(asked).toEqual(["HEAD /v2/app/manifests/1"]);
  });

  it.each([
    ["Bearer", "names no token service with an https address."],
    ['Bearer realm="no address"', "names no token service with an https address."],
    ["Negotiate abc==", "wants a login of a kind that plinth does not know (negotiate)."],
    ["", "wants a login of a kind that plinth does not know (none that it names)."],
  ])("but says so in an odd way (%s) is not understood", async (challenge, message) => {
    const { host } = await server(() => ({ status: 401, headers: { "www-authenticate": challenge } }));
    expect(await failure(`${host}/app:1`)).toBe(`RemoteError: ${host} ${message}`);
  });

  it.each([
    [{ status: 401 }, "refuses the login for HOST in Docker's config.json (status 401)."],
    [{ body: "nothing" }, "gives no token."],
    [{ body: { token: "two\nlines" } }, "gives no token."],
  ])("is told apart from a token service that does not help", async (reply, message) => {
    const { host } = await server(({ url, headers }) =>
      url.pathname === "/token"
        ? reply
        : { status: 401, headers: { "www-authenticate": `Bearer realm="http://${headers.host}/token"` } },
    );
    const said = await failure(`${host}/app:1`, { logins: loginsFor(host, userAndPassword) });
    expect(said).toBe(`RemoteError: the token service ${host} of ${host} ${message.replace("HOST", host)}`);
    expect(said).not.toContain("hunter2");
  });

  it("and still does not show the repository leaves two reasons", async () => {
    const { host } = await server(({ url, headers }) =>
      url.pathname === "/token"
        ? { body: { token: "useless" } }
        : { status: 401, headers: { "www-authenticate": `Bearer realm="http://${headers.host}/token"` } },
    );
    expect(await failure(`${host}/app:1`)).toBe(
      `RemoteError: ${host} does not show app (status 401): it is not there, or not for everyone. There is none for ${host} in Docker's config.json: run "docker login ${host}".`,
    );
  });
});

describe("a registry that wants a password", () => {
  const guarded = () =>
    server(({ headers }) =>
      headers.authorization === `Basic ${userAndPassword.auth}`
        ? whole
        : { status: 401, headers: { "www-authenticate": 'Basic realm="Registry"' } },
    );

  it("gets that of config.json", async () => {
    const { host, asked } = await guarded();
    expect(await resolve(`${host}/app:1`, { logins: loginsFor(host, userAndPassword) })).toMatchObject({ digest });
    expect(asked).toEqual(["HEAD /v2/app/manifests/1", "HEAD /v2/app/manifests/1 +Basic"]);
  });

  it("says who could log in", async () => {
    const { host } = await guarded();
    expect(await failure(`${host}/app:1`)).toBe(
      `RemoteError: ${host} wants a login. There is none for ${host} in Docker's config.json: run "docker login ${host}".`,
    );
    const logins = parseLogins(JSON.stringify({ credHelpers: { [host]: "ecr-login" } }), "config.json");
    expect(await failure(`${host}/app:1`, { logins })).toBe(
      `RemoteError: ${host} wants a login. Docker keeps it in the credential helper "ecr-login", which plinth does not run; write the login into "auths" of Docker's config.json ("docker login ${host}" does without a helper).`,
    );
  });

  it("does not get it a second time when it is wrong", async () => {
    const { host, asked } = await guarded();
    const auth = Buffer.from("me:wrong").toString("base64");
    expect(await failure(`${host}/app:1`, { logins: loginsFor(host, { auth }) })).toBe(
      `RemoteError: ${host} does not show app (status 401): it is not there, or not for everyone. The login for ${host} in Docker's config.json is not accepted.`,
    );
    expect(asked.filter((line) => line.startsWith("HEAD"))).toHaveLength(2);
  });
});
