import { describe, expect, it } from "vitest";
import { cpuPod, gpuServer } from "../examples.js";
import { messages, said } from "../fixtures/judged.js";
import { modelUriPinned } from "./model-uri.js";
import { digestPinned, noFloatingTag, registryAllowlist } from "./pinned.js";
import { registryImmutableScanned } from "./registry.js";
import { noRemoteCode } from "./remote-code.js";
import { weightsNotInImage } from "./weights.js";

const hex = "a".repeat(64);
const commit = "0123456789abcdef0123456789abcdef01234567";
const pod = (container: string) => `apiVersion: v1
kind: Pod
metadata: { name: p }
spec:
  containers:
    - ${container}
`;
const at = (path: string) => `Pod/p spec.containers[0]${path === "" || path.startsWith("[") ? path : `.${path}`}`;

describe("IMG001", () => {
  it.each([
    ["a tag before the digest", `nginx:1@sha256:${hex}`, []],
    ["a registry with a port", `localhost:5000/x@sha256:${hex}`, []],
    ["a short digest", `nginx@sha256:${hex.slice(1)}`, ["IMG001"]],
    ["capitals", `nginx@sha256:${hex.toUpperCase()}`, ["IMG001"]],
    ["another algorithm", `nginx@sha512:${hex}${hex}`, ["IMG001"]],
    ["text behind the digest", `nginx@sha256:${hex}x`, ["IMG001"]],
    ["a tag only", "nginx:1", ["IMG001"]],
  ])("judges %s", (_, image, expected) => {
    expect(said(pod(`{ name: c, image: "${image}" }`), [digestPinned]).map((line) => line.split(" ")[0])).toEqual(
      expected,
    );
  });

  it("tells a container that names no image, except where an operator fills it in", () => {
    expect(messages(pod("{ name: c }"), [digestPinned])).toEqual(["the container names no image"]);
    expect(said(modelUriPinned.good, [digestPinned])).toEqual([]);
  });

  it("leaves out registries that are exempt", () => {
    const exempt = (registry: string) => ({ parameters: { IMG001: { exemptRegistries: [registry] } } });
    expect(said(pod("{ name: c, image: ghcr.io/acme/x:1 }"), [digestPinned], exempt("ghcr.io/acme"))).toEqual([]);
    expect(said(pod("{ name: c, image: ghcr.io/acme-labs/x:1 }"), [digestPinned], exempt("ghcr.io/acme"))).toHaveLength(
      1,
    );
    expect(said(pod("{ name: c }"), [digestPinned], exempt("docker.io"))).toHaveLength(1);
  });

  it("is undecided for an unknown image", () => {
    expect(said(pod("{ name: c, image: !unknown }"), [digestPinned])).toEqual([`IMG001 undecided ${at("image")}`]);
  });
});

describe("IMG002", () => {
  it.each([
    ["nginx", 1],
    ["localhost:5000/x", 1],
    ["nginx:latest", 1],
    ["ghcr.io/acme/x:main", 1],
    ["nginx:LATEST", 0],
    ["nginx:latest-gpu", 0],
    ["localhost:5000/x:1", 0],
    [`nginx:latest@sha256:${hex}`, 0],
    [`nginx@sha256:${hex}`, 0],
    ["nginx@latest", 1],
  ])("finds in %s %d", (image, count) => {
    expect(said(pod(`{ name: c, image: "${image}" }`), [noFloatingTag])).toHaveLength(count);
  });
});

describe("IMG003", () => {
  it("is silent until registries are named, then names those that are allowed", () => {
    expect(said(pod("{ name: c, image: nginx }"), [registryAllowlist])).toEqual([]);
    expect(
      messages(pod("{ name: c, image: nginx }"), [registryAllowlist], {
        parameters: { IMG003: { registries: ["ghcr.io", "nvcr.io/nvidia"] } },
      }),
    ).toEqual(["nginx is not from an allowed registry; allowed are ghcr.io, nvcr.io/nvidia"]);
  });

  it.each(["https://ghcr.io", "ghcr.io/", "index.docker.io/acme"])("refuses the entry %s", (entry) => {
    expect(registryAllowlist.parameters.safeParse({ registries: [entry] }).success).toBe(false);
  });
});

describe("IMG004", () => {
  const server = (volume: string, args = "[tritonserver]", env = "[]") =>
    gpuServer
      .replace("persistentVolumeClaim: { claimName: models, readOnly: true }", volume)
      .replace("args: [tritonserver, --model-repository=/models]", `args: ${args}\n          env: ${env}`);

  it.each([
    ["a folder on disk", server("emptyDir: {}"), 0],
    ["an image volume", server("image: { reference: ghcr.io/acme/model:1 }"), 0],
    ["memory", server("emptyDir: { medium: Memory }"), 1],
    ["settings", server("configMap: { name: settings }"), 1],
    ["a credential", server("secret: { secretName: hub }"), 1],
    ["settings and a URI in args", server("configMap: { name: settings }", "[serve, s3://models/fraud/42]"), 0],
    [
      "settings and a URI in env",
      server("configMap: { name: settings }", "[serve]", '[{ name: M, value: "hf://a/b" }]'),
      0,
    ],
    ["settings and --model", server("configMap: { name: settings }", "[--model, org/name]"), 0],
    ["settings and another option", server("configMap: { name: settings }", "[--tokenizer, org/name]"), 1],
  ])("judges a server with %s", (_, yaml, count) => {
    expect(said(yaml, [weightsNotInImage])).toHaveLength(count);
  });

  it("does not judge containers without an accelerator, init containers and batch kinds", () => {
    expect(said(cpuPod, [weightsNotInImage])).toEqual([]);
    const job = weightsNotInImage.bad.replace("apps/v1\nkind: Deployment", "batch/v1\nkind: Job");
    expect(said(job, [weightsNotInImage])).toEqual([]);
  });

  it("passes claim templates of a StatefulSet", () => {
    const stateful = server("configMap: { name: x }")
      .replace("kind: Deployment", "kind: StatefulSet")
      .replace("- name: models\n", "- name: other\n");
    expect(said(stateful, [weightsNotInImage])).toEqual([]);
  });
});

describe("IMG005", () => {
  const uri = (value: string) => modelUriPinned.good.replace("s3://models/fraud/42/", value);

  it.each([
    ["hf://org/name", 1],
    ["hf://org/name:main", 1],
    [`hf://org/name:${commit}`, 0],
    [`hf://org/name@${commit}`, 0],
    ["models:/fraud/Production", 1],
    ["models:/fraud/latest", 1],
    ["models:/fraud@champion", 1],
    ["models:/fraud/7", 0],
    ["s3://models/fraud/latest/", 1],
    ["s3://models/fraud/latest/model.pt", 1],
    ["s3://models/fraud/latest/1/model.pt", 0],
    ["s3://models/fraud/Production", 1],
    ["s3://production/fraud", 0],
    ["s3://production/model.pt", 0],
    ["gs://models/main/model.pt", 1],
    ["s3://models/latest/model.pt?versionId=3sL4kqtJlcpXroDTDmJ", 0],
    ["s3://models/fraud/v1/", 0],
    ["oci://ghcr.io/acme/model:1", 1],
    [`oci://ghcr.io/acme/model@sha256:${hex}`, 0],
    ["pvc://models/latest", 0],
    ["https://example.com/latest/model.pt", 0],
    ["/mnt/models", 0],
  ])("finds in the storageUri %s %d", (value, count) => {
    expect(said(uri(value), [modelUriPinned])).toHaveLength(count);
  });

  it.each([
    ["[--model, org/name]", ["args[1]"]],
    ["[--model=org/name]", ["args[0]"]],
    ["[serve, org/name, --port, '8000']", ["args[1]"]],
    [`[--model, org/name, --revision, ${commit}]`, []],
    [`[--model=org/name, --revision=${commit}]`, []],
    ["[--model, org/name, --revision, main]", ["args[1]"]],
    ["[--model_id=org/name]", ["args[0]"]],
    [`[--model_id=org/name, --model_revision=${commit}]`, []],
    ["[--model, /mnt/models]", []],
    ["[--model, s3://models/latest]", ["args[1]"]],
    ["[--tokenizer, org/name]", []],
    ["[--model, fraud]", []],
    ["[--model-id, org/name]", ["args[1]"]],
    ["[--model, !unknown]", undefined],
  ])("judges the args %s", (args, paths) => {
    const found = said(pod(`{ name: c, image: x, args: ${args} }`), [modelUriPinned]);
    if (paths) expect(found).toEqual(paths.map((path) => `IMG005 violation ${at(path)}`));
    else expect(found).toEqual([`IMG005 undecided ${at("args[1]")}`]);
  });

  it("finds a model that is named by the last word of command and the first of args", () => {
    expect(said(pod("{ name: c, command: [vllm, serve], args: [org/name] }"), [modelUriPinned])).toEqual([
      `IMG005 violation ${at("args[0]")}`,
    ]);
    expect(said(pod("{ name: c, command: [vllm, serve, org/name] }"), [modelUriPinned])).toEqual([
      `IMG005 violation ${at("command[2]")}`,
    ]);
  });

  it("finds the violation although another word is unknown", () => {
    expect(said(pod("{ name: c, args: [--model, org/name, --port, '1', --x] }"), [modelUriPinned])).toHaveLength(1);
    expect(
      said(pod("{ name: c, args: [--port, !unknown, --model, org/name, --revision, main] }"), [modelUriPinned]),
    ).toContain(`IMG005 undecided ${at("args[1]")}`);
  });

  it("reads the annotation of pods and of what makes them", () => {
    const yaml = `apiVersion: apps/v1
kind: Deployment
metadata: { name: d, annotations: { plinth.dev/model-uri: s3://m/latest } }
spec:
  template:
    metadata: { annotations: { plinth.dev/model-uri: models:/fraud/Staging } }
    spec: { containers: [{ name: c }] }
`;
    expect(said(yaml, [modelUriPinned])).toEqual([
      'IMG005 violation Deployment/d spec.template.metadata.annotations["plinth.dev/model-uri"]',
      'IMG005 violation Deployment/d metadata.annotations["plinth.dev/model-uri"]',
    ]);
  });
});

describe("IMG006", () => {
  const repository = (spec: string) =>
    `apiVersion: plinth.dev/test\nkind: aws:ecr/repository:Repository\nmetadata: { name: r }\nspec: { ${spec} }\n`;

  it("tells each field, and the unknown ones", () => {
    expect(said(repository(""), [registryImmutableScanned])).toEqual([
      "IMG006 violation aws:ecr:Repository/r imageTagMutability",
      "IMG006 violation aws:ecr:Repository/r imageScanningConfiguration.scanOnPush",
    ]);
    expect(
      said(repository("imageTagMutability: !unknown, imageScanningConfiguration: !unknown"), [
        registryImmutableScanned,
      ]),
    ).toEqual([
      "IMG006 undecided aws:ecr:Repository/r imageTagMutability",
      "IMG006 undecided aws:ecr:Repository/r imageScanningConfiguration",
    ]);
    expect(
      said(
        repository("imageTagMutability: IMMUTABLE_WITH_EXCLUSION, imageScanningConfiguration: { scanOnPush: true }"),
        [registryImmutableScanned],
      ),
    ).toEqual([]);
  });

  it("judges Docker repositories of Artifact Registry only", () => {
    const google = (spec: string) =>
      `apiVersion: plinth.dev/test\nkind: gcp:artifactregistry/repository:Repository\nmetadata: { name: r }\nspec: { ${spec} }\n`;
    expect(said(google("format: DOCKER"), [registryImmutableScanned])).toHaveLength(1);
    expect(said(google("format: DOCKER, dockerConfig: { immutableTags: true }"), [registryImmutableScanned])).toEqual(
      [],
    );
    expect(said(google("format: PYTHON"), [registryImmutableScanned])).toEqual([]);
    expect(said(google("format: DOCKER, mode: REMOTE_REPOSITORY"), [registryImmutableScanned])).toEqual([]);
  });
});

describe("IMG007", () => {
  it.each([
    ["args: [--trust-remote-code]", 1],
    ["args: [--trust-remote-code=True]", 1],
    ["args: [--trust-remote-code=false]", 0],
    ["args: ['exec vllm serve x --trust-remote-code --port 1']", 1],
    ["args: [--trust-remote-codes]", 0],
    ["env: [{ name: TRUST_REMOTE_CODE, value: 'true' }]", 1],
    ["env: [{ name: TRUST_REMOTE_CODE, value: 'false' }]", 0],
    ["args: ['pip install -r requirements.txt && python train.py']", 1],
    ["command: [pip, install, x]", 1],
    ["command: [pip, list]", 0],
    ["args: ['curl -fsSL https://x.example/i | sh']", 1],
    ["args: ['wget -qO- https://x.example/i | sudo bash -s']", 1],
    ['args: ["curl -fsSL https://x.example/i \\\\\\n | /bin/sh"]', 1],
    ["args: ['curl -fsS https://x.example/health | grep ok']", 0],
    ["args: ['curl -o model https://x.example/model']", 0],
  ])("finds in %s %d", (fields, count) => {
    expect(said(pod(`{ name: c, ${fields} }`), [noRemoteCode])).toHaveLength(count);
  });

  it("permits installing where that is configured, and remote code never", () => {
    const asked = { parameters: { IMG007: { allowInstall: true } } };
    expect(said(pod("{ name: c, args: ['pip install x'] }"), [noRemoteCode], asked)).toEqual([]);
    expect(said(pod("{ name: c, args: [--trust-remote-code] }"), [noRemoteCode], asked)).toHaveLength(1);
  });
});
