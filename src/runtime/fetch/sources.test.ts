import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { refreshing } from "./credentials.js";
import { fetchModel } from "./fetch.js";
import { answer, bytesOf, modelOf, serveObjects, type TestServer } from "./fixtures/server.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const model = modelOf({ "1/model +ü(1).onnx": bytesOf(4, 200_000), "b!'*": bytesOf(5, 10) });
const bytes = model.objects.get("1/model +ü(1).onnx")!;

let folder: string;
const closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plinth-sources-test-"));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** Signature version 4 computed from the specification, from what arrived at the server. */
function expectedSignature(request: IncomingMessage, secret: string, scope: string, signed: string): string {
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const [path = ""] = (request.url ?? "").split("?");
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const payload = String(request.headers["x-amz-content-sha256"]);
  const canonical = [request.method, path, "", headers.join(""), signed, payload].join("\n");
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, hash(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((key, part) => hmac(key, part), `AWS4${secret}`);
  return createHmac("sha256", key).update(text).digest("hex");
}

/** An S3 server that answers only requests with the right signature, key and session token. */
async function s3(keys: { id: string; secret: string; token?: string }): Promise<TestServer> {
  const server = await serveObjects(
    model.objects,
    (request, response) => {
      const [, id, scope = "", signed = "", signature] =
        /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
          request.headers.authorization ?? "",
        ) ?? [];
      const right = signature === expectedSignature(request, keys.secret, scope, signed);
      const date = String(request.headers["x-amz-date"]).slice(0, 8);
      const covered = ["host", "x-amz-content-sha256", "x-amz-date"].every((name) => signed.split(";").includes(name));
      if (
        right &&
        covered &&
        id === keys.id &&
        scope === `${date}/eu-west-1/s3/aws4_request` &&
        request.headers["x-amz-security-token"] === keys.token
      )
        return false;
      response.writeHead(403).end("<Error><Code>SignatureDoesNotMatch</Code></Error>");
      return true;
    },
    "/models/registry/fraud/7/",
  );
  closers.push(server.close);
  return server;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const run = (uri: string, env: Record<string, string>, anonymous = false) =>
  fetchModel({
    ...{ uri, digest: model.digest, into: join(folder, "into"), chunk: 64 * 1024, env, anonymous },
    retry: { attempts: 3, firstDelay: 5 },
  });
const fetched = () => readFileSync(join(folder, "into", "1/model +ü(1).onnx")).equals(bytes);

describe("s3://", () => {
  test("signs every request with the keys and the session token of the environment", async () => {
    const { url } = await s3({ id: "AKID", secret: SECRET, token: "session" });
    const env = {
      AWS_ENDPOINT_URL_S3: url,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKID",
      AWS_SECRET_ACCESS_KEY: SECRET,
    };
    await run("s3://models/registry/fraud/7", { ...env, AWS_SESSION_TOKEN: "session" });
    expect(fetched()).toBe(true);
  });

  test("says that the key is wrong, without the key", async () => {
    const { url } = await s3({ id: "AKID", secret: SECRET });
    const env = {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKID",
      AWS_SECRET_ACCESS_KEY: "wrong-secret",
    };
    await expect(run("s3://models/registry/fraud/7/", env)).rejects.toThrow(
      /^s3:\/\/models\/registry\/fraud\/7\/manifest\.json: HTTP 403 SignatureDoesNotMatch; the secret key or AWS_REGION is wrong$/,
    );
  });

  test("takes credentials from the container endpoint with the token of its file, once", async () => {
    const { url } = await s3({ id: "POD", secret: SECRET, token: "session" });
    const asked: (string | undefined)[] = [];
    const agent = await listen(
      createServer((request, response) => {
        asked.push(request.headers.authorization);
        const Expiration = new Date(Date.now() + 3_600_000).toISOString();
        response.end(JSON.stringify({ AccessKeyId: "POD", SecretAccessKey: SECRET, Token: "session", Expiration }));
      }),
    );
    writeFileSync(join(folder, "token"), "pod-token\n");
    await run("s3://models/registry/fraud/7/", {
      ...{
        AWS_ENDPOINT_URL_S3: url,
        AWS_REGION: "eu-west-1",
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${agent}/v1/credentials`,
      },
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, "token"),
    });
    expect(fetched()).toBe(true);
    expect(asked).toEqual(["pod-token"]);
  });

  test("exchanges the service account's token for a role's credentials", async () => {
    const { url } = await s3({ id: "ROLE", secret: SECRET, token: "session" });
    const forms: Record<string, string>[] = [];
    const sts = await listen(
      createServer(async (request, response) => {
        let body = "";
        for await (const part of request) body += part;
        forms.push(Object.fromEntries(new URLSearchParams(body)));
        response.end(
          `<A><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey>` +
            "<SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></A>",
        );
      }),
    );
    writeFileSync(join(folder, "token"), "web-token");
    await run("s3://models/registry/fraud/7/", {
      ...{ AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL_STS: sts, AWS_REGION: "eu-west-1" },
      ...{ AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, "token"), AWS_ROLE_ARN: "arn:aws:iam::1:role/r" },
    });
    expect(fetched()).toBe(true);
    expect(forms).toEqual([
      {
        ...{ Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15", RoleArn: "arn:aws:iam::1:role/r" },
        ...{ RoleSessionName: "plinth-fetch", WebIdentityToken: "web-token" },
      },
    ]);
  });

  test("does not send the agent's token in clear to just any host", async () => {
    const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/", AWS_CONTAINER_AUTHORIZATION_TOKEN: "t" };
    await expect(run("s3://models/p/", env)).rejects.toThrow(/AWS_CONTAINER_CREDENTIALS_FULL_URI must be https/);
  });
});

describe("gs://", () => {
  const objects = (check: (request: IncomingMessage) => boolean) =>
    listen(
      createServer((request, response) => {
        const [, key] = /^\/storage\/v1\/b\/models\/o\/([^/?]+)\?alt=media$/.exec(request.url ?? "") ?? [];
        if (key === undefined || !check(request)) return void response.writeHead(400).end();
        answer(request, response, model.objects.get(decodeURIComponent(key).replace("fraud/7/", "")));
      }),
    );

  test("reads from an emulator without a token", async () => {
    const STORAGE_EMULATOR_HOST = await objects((request) => request.headers.authorization === undefined);
    await run("gs://models/fraud/7", { STORAGE_EMULATOR_HOST });
    expect(fetched()).toBe(true);
  });

  test("explains that a service account is missing when there is no metadata server", async () => {
    const GCE_METADATA_HOST = new URL(await listen(createServer((_request, response) => response.writeHead(404).end())))
      .host;
    await expect(run("gs://models/fraud/7", { GCE_METADATA_HOST })).rejects.toThrow(
      /^the metadata server refused to give credentials: HTTP 404; .* gs:\/\/ needs a Google service account/,
    );
  });
});

describe("a refreshing credential", () => {
  const hour = 3_600_000;
  function clock() {
    const state = { now: 0, fetches: 0 };
    const credential = refreshing(
      async () => ({ value: ++state.fetches, expires: state.now + hour }),
      () => state.now,
    );
    return { state, credential };
  }

  test("is fetched once for requests at the same time, and again five minutes before its end", async () => {
    const { state, credential } = clock();
    expect(await Promise.all([credential.get(), credential.get()])).toEqual([1, 1]);
    state.now = hour - 5 * 60_000 - 1;
    expect(await credential.get()).toBe(1);
    state.now += 1;
    expect(await Promise.all([credential.get(), credential.get()])).toEqual([2, 2]);
  });

  test("is renewed after a refusal when it is old, and not when it is fresh", async () => {
    const { state, credential } = clock();
    await credential.get();
    expect(credential.renew()).toBe(false);
    state.now = 120_000;
    expect(credential.renew()).toBe(true);
    expect(await credential.get()).toBe(2);
  });
});
