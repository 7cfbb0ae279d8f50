import { describe, expect, it } from "vitest";
import { manifestGraph } from "../graph/manifests.js";
import type { Properties, ResourceNode } from "../graph/model.js";
import { digestPinned } from "./images.js";
import { rules } from "./index.js";
import { podKinds } from "./pods.js";

const nodesOf = (text: string) => manifestGraph([{ file: "rule.yaml", text }], "rule").graph.nodes;
const check = (kind: string, inputs: Properties) =>
  digestPinned.check({
    urn: "urn:pulumi:s::p::t::n",
    type: `kubernetes:apps/v1:${kind}`,
    name: "n",
    kind: "custom",
    inputs: { apiVersion: "apps/v1", kind, ...inputs },
    options: {},
    dependencies: [],
    propertyDependencies: {},
  } satisfies ResourceNode);

const pinned = `nginx@sha256:${"a".repeat(64)}`;

describe.each(rules.map((rule) => [rule.id, rule] as const))("%s", (_, rule) => {
  it("is broken by its bad example and kept by its good one", () => {
    expect(
      nodesOf(rule.bad)
        .flatMap((node) => rule.check(node))
        .map(({ verdict }) => verdict),
    ).toContain("violation");
    expect(nodesOf(rule.good).flatMap((node) => rule.check(node))).toEqual([]);
  });
});

describe("IMG001", () => {
  it.each([
    ["Pod", "spec"],
    ["Deployment", "spec.template.spec"],
    ["StatefulSet", "spec.template.spec"],
    ["DaemonSet", "spec.template.spec"],
    ["ReplicaSet", "spec.template.spec"],
    ["Job", "spec.template.spec"],
    ["CronJob", "spec.jobTemplate.spec.template.spec"],
  ])("reads init, ordinary and ephemeral containers of a %s", (kind, path) => {
    const spec: Properties = {
      initContainers: [{ image: "a:1" }],
      containers: [{ image: pinned }, { image: "b:1" }],
      ephemeralContainers: [{ image: "c:1" }],
    };
    const inputs = path.split(".").reduceRight<Properties>((inner, key) => ({ [key]: inner }), spec);
    expect(podKinds).toContain(kind);
    expect(check(kind, inputs)).toEqual([
      { verdict: "violation", path: `${path}.initContainers[0].image`, message: "a:1 has no sha256 digest" },
      { verdict: "violation", path: `${path}.containers[1].image`, message: "b:1 has no sha256 digest" },
      { verdict: "violation", path: `${path}.ephemeralContainers[0].image`, message: "c:1 has no sha256 digest" },
    ]);
  });

  it.each([
    ["a short digest", `nginx@sha256:${"a".repeat(63)}`],
    ["another algorithm", `nginx@sha512:${"a".repeat(128)}`],
    ["capitals", `nginx@sha256:${"A".repeat(64)}`],
    ["text behind the digest", `nginx@sha256:${"a".repeat(64)} `],
    ["a registry port", "localhost:5000/nginx"],
    ["an @ alone", "nginx@latest"],
  ])("is broken by %s", (_, image) => {
    expect(check("Pod", { spec: { containers: [{ image }] } }).map(({ verdict }) => verdict)).toEqual(["violation"]);
  });

  it("is broken by a container without an image", () => {
    expect(check("Pod", { spec: { containers: [{ name: "x" }] } })).toEqual([
      { verdict: "violation", path: "spec.containers[0].image", message: "the container names no image" },
    ]);
  });

  it.each<[string, Properties, string]>([
    ["image", { containers: [{ image: { $unknown: "u.image" } }] }, "spec.containers[0].image"],
    ["secret image", { containers: [{ image: { $secret: "u.image" } }] }, "spec.containers[0].image"],
    ["container", { containers: [{ $unknown: "u.c" }] }, "spec.containers[0]"],
    ["list", { containers: { $unknown: "u.list" } }, "spec.containers"],
  ])("is undecided for an unknown %s", (_, spec, path) => {
    expect(check("Pod", { spec }).map((outcome) => [outcome.verdict, outcome.path])).toEqual([["undecided", path]]);
  });

  it("is undecided once for an unknown pod, and still finds the definite violation beside an unknown", () => {
    expect(check("Pod", { spec: { $unknown: "u.spec" } }).map(({ path }) => path)).toEqual(["spec.containers"]);
    const both = check("Pod", { spec: { containers: [{ image: { $unknown: "u.i" } }, { image: "b:1" }] } });
    expect(both.map(({ verdict }) => verdict)).toEqual(["undecided", "violation"]);
  });
});
