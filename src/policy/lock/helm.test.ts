import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serve, type TestServer } from "./fixtures/server.js";
import { CHART_ARCHIVE, chartRepositories, versionsOf } from "./helm.js";
import { RemoteError } from "./http.js";

const hex = (digit: string) => digit.repeat(64);
const index = `apiVersion: v1
entries:
  kedb:
  - { version: 1.0.0, digest: ${hex("9")} }
  keda:
  - apiVersion: v2
    description: |-
      two lines
        entries:
    digest: ${hex("a")}
    name: keda
    urls:
    - keda-2.20.2.tgz
    version: 2.20.2
  - digest: sha256:${hex("b")}
    version: v2.20.1
  - version: 2.20.0
  zipkin:
  - { version: 2.20.2, digest: ${hex("8")} }
generated: "2026-11-01T00:00:00Z"
`;

let server: TestServer;
let status: number;
beforeEach(async () => {
  status = 200;
  server = await serve(({ line }) =>
    line === "GET /stable/index.yaml" ? { status, body: index } : { status: 404, body: "no" },
  );
});
afterEach(() => server.close());

const resolve = (chart: string, version: string, path = "/stable") =>
  chartRepositories({}).resolve(`http://${server.host}${path}`, chart, version);

describe("a chart in an HTTP repository", () => {
  it("has the digest of its archive from the index", async () => {
    expect(await resolve("keda", "2.20.2")).toEqual({ digest: `sha256:${hex("a")}`, mediaType: CHART_ARCHIVE });
  });

  it("may have a v before its version, in the index or in the program", async () => {
    expect(await resolve("keda", "2.20.1")).toMatchObject({ digest: `sha256:${hex("b")}` });
    expect(await resolve("keda", "v2.20.2")).toMatchObject({ digest: `sha256:${hex("a")}` });
  });

  it("is one of many for which the index is fetched once", async () => {
    const repositories = chartRepositories({});
    const of = (chart: string, version: string) => repositories.resolve(`http://${server.host}/stable`, chart, version);
    await Promise.all([of("keda", "2.20.2"), of("zipkin", "2.20.2")]);
    expect(server.asked).toEqual(["GET /stable/index.yaml"]);
  });

  it.each([
    [
      "keda",
      "^2.20.0",
      "/stable",
      "HOST/stable has no keda of exactly version ^2.20.0; it has 2.20.2, v2.20.1, 2.20.0.",
    ],
    ["keda", "2.20.0", "/stable", "the index of HOST/stable has no sha256 digest for keda 2.20.0."],
    ["kafka", "1.0.0", "/stable", "HOST/stable has no chart kafka."],
    ["keda", "2.20.2", "/other", "HOST/other gives no index.yaml: status 404."],
  ])("%s %s in %s is not there", async (chart, version, path, message) => {
    await expect(resolve(chart, version, path)).rejects.toThrow(
      new RemoteError(message.replace("HOST", `http://${server.host}`)),
    );
  });

  it("behind a login is not supported, which is said", async () => {
    status = 401;
    await expect(resolve("keda", "2.20.2")).rejects.toThrow(
      "gives no index.yaml: status 401; logins for chart repositories are not supported, charts in OCI registries are.",
    );
  });
});

describe("an index", () => {
  const ofWhole = (text: string) => versionsOf(text, "keda", "R").map(({ version }) => version);

  it("is read the same when only the chart's own lines are and when all of it is", () => {
    expect(ofWhole(index)).toEqual(["2.20.2", "v2.20.1", "2.20.0"]);
    expect(ofWhole(index.replaceAll("\n  ", "\n    "))).toEqual(["2.20.2", "v2.20.1", "2.20.0"]);
    expect(ofWhole('{"entries":{"keda":[{"version":"1.0"}]}}')).toEqual(["1.0"]);
  });

  it.each([
    ["a: [", "the index.yaml of R is not YAML."],
    ["<html>", "the index.yaml of R has no entries."],
    ["entries:\n  keda:\n  - 1\n", "the index.yaml of R is malformed at entries.keda."],
  ])("that is %j is refused", (text, message) => {
    expect(() => ofWhole(text)).toThrow(new RemoteError(message));
  });

  it("of 20 MB is read in time", () => {
    const chart = (name: string) =>
      `  ${name}:\n${`  - version: 1.0.0\n    description: ${"x".repeat(400)}\n`.repeat(200)}`;
    const charts = Array.from({ length: 240 }, (_, at) => chart(`chart${at}`));
    const text = `apiVersion: v1\nentries:\n${charts.join("")}${chart("keda")}`;
    expect(text.length).toBeGreaterThan(20_000_000);
    const begin = performance.now();
    expect(ofWhole(text)).toHaveLength(200);
    expect(performance.now() - begin).toBeLessThan(1500);
  });
});
