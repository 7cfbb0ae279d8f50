import { describe, expect, it } from "vitest";
import { EMPTY_LOCK, type ImageLock } from "../../core/image-lock.js";
import { assembleGraph } from "../../graph/assemble.js";
import { manifestGraph } from "../../graph/manifests.js";
import type { Properties, ResourceGraph, ResourceNode } from "../../graph/model.js";
import { referencesOf } from "./references.js";

const digest = `sha256:${"c".repeat(64)}`;
const manifests = (text: string): ResourceGraph => manifestGraph([{ file: "app.yaml", text }], "p").graph;

function pod(name: string, image: string, more = ""): string {
  return `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: { ${more}containers: [{ name: a, image: "${image}" }] }\n`;
}

const program = (type: string, inputs: Properties, kind: ResourceNode["kind"] = "custom") =>
  assembleGraph({
    origin: "test",
    project: "p",
    stack: "s",
    nodes: [
      {
        urn: `urn:pulumi:s::p::${type}::thing`,
        type,
        name: "thing",
        kind,
        inputs,
        options: {},
        dependencies: [],
        propertyDependencies: {},
      },
    ],
    invokes: [],
    notices: [],
  });

const names = (graph: ResourceGraph, lock: ImageLock = EMPTY_LOCK) =>
  referencesOf(graph, lock).wanted.map(({ reference }) => reference);

describe("the images of a graph", () => {
  it("are those without a digest, once, as they are written, sorted, with who uses them", () => {
    const { wanted, pinned, unlockable } = referencesOf(
      manifests(pod("b", "nginx") + pod("a", "ghcr.io/acme/app:1") + pod("c", "nginx") + pod("d", `nginx@${digest}`)),
      EMPTY_LOCK,
    );
    expect(wanted).toEqual([
      {
        reference: "ghcr.io/acme/app:1",
        target: { kind: "image", image: { registry: "ghcr.io", repository: "acme/app", tag: "1" } },
        usedBy: ["Pod a spec.containers[0].image"],
        architectures: new Map(),
      },
      {
        reference: "nginx",
        target: { kind: "image", image: { registry: "docker.io", repository: "library/nginx" } },
        usedBy: ["Pod b spec.containers[0].image", "Pod c spec.containers[0].image"],
        architectures: new Map(),
      },
    ]);
    expect({ pinned, unlockable }).toEqual({ pinned: 1, unlockable: [] });
  });

  it("are found in init containers and in custom resources", () => {
    const graph = manifests(`
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: r }
spec: { template: { spec: { initContainers: [{ name: i, image: "init:1" }], containers: [{ name: c, image: "main:1" }] } } }
`);
    expect(names(graph)).toEqual(["init:1", "main:1"]);
  });

  it("count under their locked name when the lock gave them their digest", () => {
    const entry = { digest, mediaType: "t" };
    const lock: ImageLock = { version: 1, images: { "nginx:1": entry, "nginx:2": entry }, charts: {} };
    const graph = manifests(pod("a", `nginx:1@${digest}`) + pod("b", `nginx:2@sha256:${"d".repeat(64)}`));
    expect(names(graph, lock)).toEqual(["nginx:1"]);
    expect(referencesOf(graph, lock).pinned).toBe(1);
  });

  it("know the architectures that their pods select", () => {
    const graph = manifests(
      pod("a", "x:1", "nodeSelector: { kubernetes.io/arch: arm64 }, ") +
        pod("b", "x:1", "nodeSelector: { kubernetes.io/arch: amd64 }, ") +
        pod("c", "x:1"),
    );
    expect(referencesOf(graph, EMPTY_LOCK).wanted[0]?.architectures).toEqual(
      new Map([
        ["amd64", "Pod b spec.containers[0].image"],
        ["arm64", "Pod a spec.containers[0].image"],
      ]),
    );
  });

  it("that are no names are told, those that are not there are not", () => {
    const { wanted, unlockable } = referencesOf(
      manifests(`${pod("a", "Acme/App:1")}${pod("b", "{{ .Values.image }}")}${pod("c", "")}`),
      EMPTY_LOCK,
    );
    expect(wanted).toEqual([]);
    expect(unlockable).toEqual([
      { usedBy: "Pod a spec.containers[0].image", isUnknown: false, reason: '"Acme/App:1" is not an image\'s name' },
      {
        usedBy: "Pod b spec.containers[0].image",
        isUnknown: false,
        reason: '"{{ .Values.image }}" is not an image\'s name',
      },
    ]);
  });

  it("with a digest that is none are told, too, without the login in an address", () => {
    const { unlockable, pinned } = referencesOf(
      manifests(pod("a", "nginx@sha256:123") + pod("b", "https://me:hunter2@example.com/app?token=t")),
      EMPTY_LOCK,
    );
    expect(unlockable.map(({ reason }) => reason)).toEqual([
      '"nginx@sha256:123" is not an image\'s name',
      '"https://example.com/app" is not an image\'s name',
    ]);
    expect(pinned).toBe(0);
  });

  it("that are unknown or withheld are told as such", () => {
    const spec = (image: Properties) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "n" },
      spec: { containers: [{ name: "c", image }] },
    });
    const unknown = program(
      "kubernetes:core/v1:Pod",
      spec({ $unknown: "urn:pulumi:s::p::docker:index:Image::built.ref" }),
    );
    expect(referencesOf(unknown, EMPTY_LOCK)).toEqual({
      wanted: [],
      pinned: 0,
      unlockable: [
        {
          usedBy: "Pod n spec.containers[0].image",
          isUnknown: true,
          reason: "known only after deployment: urn:pulumi:s::p::docker:index:Image::built.ref",
        },
      ],
    });
    const secret = program("kubernetes:core/v1:Pod", spec({ $secret: "urn:x.spec" }));
    expect(referencesOf(secret, EMPTY_LOCK).unlockable[0]?.reason).toBe("withheld, as it is a secret");
  });
});

describe("the charts of a graph", () => {
  const https = { kind: "chart", repository: "https://charts.example.com/stable", chart: "keda", version: "2.20.2" };
  const oci = (tag: string) => ({ kind: "chart", image: { registry: "ghcr.io", repository: "acme/charts/keda", tag } });
  const release = (inputs: Properties) => program("kubernetes:helm.sh/v3:Release", inputs);
  const repositoryOpts = { repo: "https://charts.example.com/stable/" };

  it.each<[string, ResourceGraph, string, object]>([
    [
      "a Helm release",
      release({ chart: "keda", version: "2.20.2", repositoryOpts }),
      "https://charts.example.com/stable/keda:2.20.2",
      https,
    ],
    [
      "a Helm chart",
      program("kubernetes:helm.sh/v4:Chart", { chart: "keda", version: "2.20.2", repositoryOpts }, "remote"),
      "https://charts.example.com/stable/keda:2.20.2",
      https,
    ],
    [
      "a chart in an OCI registry, whose tag has _ for +",
      release({ chart: "oci://ghcr.io/acme/charts/keda", version: "1.0.0+build" }),
      "oci://ghcr.io/acme/charts/keda:1.0.0+build",
      oci("1.0.0_build"),
    ],
    [
      "a release with an OCI repository",
      release({ chart: "keda", version: "1.0.0", repositoryOpts: { repo: "oci://ghcr.io/acme/charts" } }),
      "oci://ghcr.io/acme/charts/keda:1.0.0",
      oci("1.0.0"),
    ],
    [
      "an older Helm chart, which asks its provider",
      {
        ...program("x:y:Z", {}),
        invokes: [
          {
            token: "kubernetes:helm:template",
            answer: "computed",
            args: {
              jsonOpts: JSON.stringify({ chart: "keda", version: "2.20.2", fetch_opts: { repo: repositoryOpts.repo } }),
            },
          },
        ],
      },
      "https://charts.example.com/stable/keda:2.20.2",
      https,
    ],
    [
      "an application of Argo CD",
      manifests(`
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: keda }
spec:
  sources:
    - { repoURL: "https://github.com/acme/config", path: keda, targetRevision: main }
    - { repoURL: "ghcr.io/acme/charts", chart: keda, targetRevision: 1.0.0 }
`),
      "oci://ghcr.io/acme/charts/keda:1.0.0",
      oci("1.0.0"),
    ],
    [
      "a release of Flux with its repository",
      manifests(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: { name: kedacore, namespace: flux-system }
spec: { url: "https://charts.example.com/stable" }
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: keda, namespace: keda }
spec: { chart: { spec: { chart: keda, version: 2.20.2, sourceRef: { kind: HelmRepository, name: kedacore, namespace: flux-system } } } }
`),
      "https://charts.example.com/stable/keda:2.20.2",
      https,
    ],
    [
      "an OCI repository of Flux",
      manifests(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: keda, namespace: keda }
spec: { url: "oci://ghcr.io/acme/charts/keda", ref: { tag: 1.0.0 } }
`),
      "oci://ghcr.io/acme/charts/keda:1.0.0",
      oci("1.0.0"),
    ],
  ])("are found: %s", (_case, graph, reference, target) => {
    const { wanted, unlockable } = referencesOf(graph, EMPTY_LOCK);
    expect(wanted.map((each) => [each.reference, each.target])).toEqual([[reference, target]]);
    expect(unlockable).toEqual([]);
  });

  it.each<[Properties, string]>([
    [{ chart: "keda", repositoryOpts }, "the chart names no version: each deployment takes the newest; give one"],
    [
      { chart: "stable/keda", version: "1" },
      'the chart "stable/keda" names no repository that this program declares; give its https:// or oci:// address',
    ],
    [
      { chart: "https://example.com/keda-1.tgz", version: "1" },
      "the chart is fetched by the address of a file; give repository, chart and version",
    ],
    [
      { chart: "keda", version: "1", repositoryOpts: { repo: "https://me:hunter2@example.com" } },
      '"https://example.com" is no chart repository that plinth can ask; give its https:// or oci:// address',
    ],
    [
      { chart: "oci://ghcr.io/acme/keda", version: ">=1.0" },
      '"oci://ghcr.io/acme/keda:>=1.0" is not the name of a chart with one version',
    ],
  ])("that cannot be locked are told: %j", (inputs, reason) => {
    const { wanted, unlockable } = referencesOf(release(inputs), EMPTY_LOCK);
    expect(wanted).toEqual([]);
    expect(unlockable).toEqual([{ usedBy: "kubernetes:helm.sh:Release thing", isUnknown: false, reason }]);
  });

  it("in folders are under version control already", () => {
    for (const chart of ["./charts/keda", "../keda", "/srv/keda"]) {
      expect(referencesOf(release({ chart }), EMPTY_LOCK)).toEqual({ wanted: [], unlockable: [], pinned: 0 });
    }
  });

  it("hide images, which is told", () => {
    const graph = release({ chart: "./charts/keda" });
    const nodes = graph.nodes.map((node): ResourceNode => ({ ...node, opaque: true }));
    expect(referencesOf({ ...graph, nodes }, EMPTY_LOCK).unlockable).toEqual([
      {
        usedBy: "kubernetes:helm.sh:Release thing",
        isUnknown: true,
        reason:
          'the images inside cannot be seen; pipe what "helm template" or "kubectl kustomize" prints into plinth lock -',
      },
    ]);
  });

  it("whose version is unknown are told as such", () => {
    const graph = release({ chart: "keda", repositoryOpts, version: { $unknown: "urn:pulumi:s::p::a:b:C::d.e" } });
    expect(referencesOf(graph, EMPTY_LOCK).unlockable).toMatchObject([{ isUnknown: true }]);
  });
});
