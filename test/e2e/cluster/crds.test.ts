import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CLUSTER_TOOLS, cluster, describeWith } from "../needs.js";
import { connect } from "./api.js";
import { installCrds, readCrd } from "./crds.js";

describeWith(CLUSTER_TOOLS, "definitions of foreign kinds", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "plinth-crds-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("come from a folder of files, and objects of them can be made at once", async () => {
    const api = connect(cluster());
    const plural = `things${randomBytes(4).toString("hex")}`;
    const name = `${plural}.test.plinth.dev`;
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name },
      spec: {
        group: "test.plinth.dev",
        scope: "Cluster",
        names: { kind: plural, plural },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    };
    await writeFile(join(folder, `${name}.json`), JSON.stringify(crd));

    vi.stubEnv("PLINTH_CRDS", folder);
    await installCrds(api, [name]);
    vi.unstubAllEnvs();
    const made = await api.create({ apiVersion: "test.plinth.dev/v1", kind: plural, metadata: { name: "one" } });
    expect(made.metadata.name).toBe("one");
    await api.remove(crd);
  });

  it("come from the controller's own module where no folder has them", async () => {
    const api = connect(cluster());
    const name = "clusteranalysistemplates.argoproj.io";
    const crd = await readCrd(name, { folder });
    expect(crd.metadata.name).toBe(name);
    await installCrds(api, [name], { folder });
    const template = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "ClusterAnalysisTemplate",
      metadata: { name: `crds-${randomBytes(4).toString("hex")}` },
      spec: { metrics: [{ name: "m", provider: { web: { url: "http://127.0.0.1" } } }] },
    };
    await expect(api.create({ ...template, spec: { metric: [] } })).rejects.toThrow('unknown field "spec.metric"');
    await api.create(template);
    await api.remove(template);
  });

  it("that nobody has are an error that says where to add them", async () => {
    await expect(readCrd("nothing.test.plinth.dev", { folder })).rejects.toThrow(
      /^no controller of .*fetch-crds\.mjs has nothing\.test\.plinth\.dev: add its module to the table there$/,
    );
  });
});
