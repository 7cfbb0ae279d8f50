import { describe, expect, it } from "vitest";
import { parseImage } from "../../rules/images/reference.js";
import { digest, failure, loginsFor, resolve, server, settings, userAndPassword, whole } from "./fixtures/registry.js";
import type { Reply } from "./fixtures/server.js";
import { ask, mayBePlain, retryAfter } from "./http.js";
import { registryClient } from "./registry.js";

describe("a registry that is busy", () => {
  it("is asked again when it says", async () => {
    const { host, asked } = await server(({ before }) =>
      before === 0 ? { status: 429, headers: { "retry-after": "1" } } : whole,
    );
    const begin = Date.now();
    expect(await resolve(`${host}/app:1`)).toMatchObject({ digest });
    expect(Date.now() - begin).toBeGreaterThanOrEqual(990);
    expect(asked).toHaveLength(2);
  });

  it("is asked again a little later when it breaks down or off", async () => {
    const replies: Reply[] = [{ status: 503 }, { broken: true }, { status: 500 }, whole];
    const { host, asked } = await server(({ before }) => replies[before] ?? {});
    expect(await resolve(`${host}/app:1`)).toMatchObject({ digest });
    expect(asked).toHaveLength(4);
  });

  it("is given up after some tries, and not asked about other images", async () => {
    const { host, asked } = await server(() => ({ status: 502 }));
    const client = registryClient(settings);
    const said = `${host} is not able to answer (status 502, asked 4 times).`;
    await expect(client.resolve(parseImage(`${host}/app:1`)!, false)).rejects.toThrow(said);
    await expect(client.resolve(parseImage(`${host}/other:1`)!, false)).rejects.toThrow(said);
    expect(asked).toHaveLength(4);
  });

  it("is given up at once when it wants to be left alone for long", async () => {
    const { host, asked } = await server(() => ({ status: 429, headers: { "retry-after": "3600" } }));
    expect(await failure(`${host}/app:1`)).toBe(
      `RemoteError: ${host} has been asked too often (status 429, asked 1 time). It asks to wait 3600 s.`,
    );
    expect(asked).toHaveLength(1);
  });

  it("is not waited for without end", async () => {
    const { host } = await server(() => ({ silent: true }));
    expect(await failure(`${host}/app:1`, { timeoutSeconds: 0.2, attempts: 2 })).toBe(
      `RemoteError: ${host} did not answer within 0.2 s.`,
    );
  });

  it("that is not there at all is said to be", async () => {
    const { host, close } = await server(() => ({}));
    await close();
    expect(await failure(`${host}/app:1`)).toBe(`RemoteError: ${host} refuses the connection (ECONNREFUSED).`);
  });
});

describe("a redirect", () => {
  it("to another server does not take the login along", async () => {
    const other = await server(() => whole);
    const { host } = await server(
      ({ headers }): Reply =>
        headers.authorization
          ? { status: 307, headers: { location: `http://${other.host}/elsewhere` } }
          : { status: 401, headers: { "www-authenticate": "Basic" } },
    );
    expect(await resolve(`${host}/app:1`, { logins: loginsFor(host, userAndPassword) })).toMatchObject({ digest });
    expect(other.asked).toEqual(["HEAD /elsewhere"]);
  });

  it.each([
    [
      "http://registry.example.com/x",
      "registry.example.com would be asked over http, where others can read and change what is said. Use https, or allow it with --insecure-registry registry.example.com.",
    ],
    ["file:///etc/passwd", expect.stringContaining(" would be asked over file")],
    ["http://[", "HOST redirects to something that is no address."],
    ["/v2/app/manifests/1", "HOST redirects again and again."],
  ])("to %s is not followed", async (location, message) => {
    const { host } = await server(() => ({ status: 301, headers: { location } }));
    const said = await failure(`${host}/app:1`);
    expect(said).toEqual(typeof message === "string" ? `RemoteError: ${message.replace("HOST", host)}` : message);
  });
});

describe("a server without TLS", () => {
  it("is this machine, or one that was named", () => {
    const hosts = [
      "localhost:5000",
      "127.0.0.1",
      "[::1]:5000",
      "registry.lan:5000",
      "registry.lan",
      "127.0.0.1.example.com",
    ];
    expect(hosts.filter((host) => mayBePlain(host, { insecure: ["registry.lan:5000"] }))).toEqual(hosts.slice(0, 4));
  });

  it("where TLS is spoken is told apart from one that is away", async () => {
    const { host } = await server(() => whole);
    await expect(ask({ url: new URL(`https://${host}/`) }, settings)).rejects.toThrow(
      new RegExp(
        `^${host} does not speak TLS \\(\\w+\\); if it is meant to be without, allow it with --insecure-registry ${host}\\.$`,
      ),
    );
  });
});

it("a time to wait is a number of seconds or a date", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  expect(
    ["120", "Sat, 21 Nov 2026 12:00:30 GMT", "Sat, 21 Nov 2026 11:00:00 GMT", "soon", null].map((each) =>
      retryAfter(each, now),
    ),
  ).toEqual([120, 30, 0, undefined, undefined]);
});
