import fc from "fast-check";
import { expect, test } from "vitest";
import { messageOf } from "../constructs/fixtures/record.js";
import { prometheusNamespace } from "./addons.js";
import { GpuPlacement, ModelArtifact, modelScheme } from "./refs.js";

const digest = `sha256:${"0".repeat(64)}`;

test("a pinned model keeps its address, version and digest", () => {
  const args = { uri: "s3://models/fraud/7", version: "7", digest };
  expect(ModelArtifact.from(args)).toEqual(args);
});

test("all that is wrong with a model is said at once", () => {
  expect(messageOf(() => ModelArtifact.from({ uri: "models/fraud", version: "", digest: "sha256:ABC" }))).toBe(
    [
      "ModelArtifact.from has 3 faults:",
      '  uri: "models/fraud" is not allowed; it must be an address that starts with s3://, gs://, https://, hf://',
      '  version: "" is not allowed; it must be a text that names the version',
      '  digest: "sha256:ABC" is not allowed; it must be "sha256:" and 64 lower-case hexadecimal digits, the digest of the version\'s manifest.json',
    ].join("\n"),
  );
});

test("only a sha256 digest of 64 lower-case digits pins a model", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-fA-F]{60,68}$/), (hex) => {
      const make = () => ModelArtifact.from({ uri: "s3://m/x", version: "1", digest: `sha256:${hex}` });
      if (/^[0-9a-f]{64}$/.test(hex)) expect(make().digest).toBe(`sha256:${hex}`);
      else expect(messageOf(make)).toContain("digest");
    }),
  );
});

test.each([
  ["s3://b/p", "s3"],
  ["gs://b/p", "gs"],
  ["https://h/p", "https"],
  ["hf://o/m@main", "hf"],
  ["http://h/p", undefined],
  ["s3://", undefined],
  ["s3://b/with space", undefined],
])("the scheme of %s is %s", (uri, scheme) => {
  expect(modelScheme(uri)).toBe(scheme);
});

test("existing GPU nodes are found by NVIDIA's label unless told otherwise", () => {
  expect(GpuPlacement.fromNodes()).toEqual({
    gpus: 1,
    resource: "nvidia.com/gpu",
    nodeSelector: { "nvidia.com/gpu.present": "true" },
    tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
    dependsOn: [],
  });
  expect(messageOf(() => GpuPlacement.fromNodes({ gpus: 0 }))).toContain("gpus: 0 is not allowed");
});

test.each([
  ["http://prometheus.monitoring:9090", "monitoring"],
  ["http://prometheus.monitoring.svc:9090", "monitoring"],
  ["http://p.observe.svc.cluster.local", "observe"],
  ["https://prometheus.example.com", undefined],
  ["http://prometheus", undefined],
])("Prometheus at %s runs in namespace %s", (url, namespace) => {
  expect(prometheusNamespace({ prometheus: { url } })).toBe(namespace);
});
