import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { rules } from "../../../src/rules/index.js";
import { corpusCases } from "../../corpus-cases.js";
import { type Api, connect } from "../cluster/api.js";
import { type Cluster, startCluster } from "../cluster/cluster.js";
import { installCrds } from "../cluster/crds.js";
import type { KubeObject } from "../cluster/objects.js";
import { CLUSTER_TOOLS, describeWith, tools } from "../needs.js";
import { type Ask, asker } from "./ask.js";
import { exampleRefusedByServer, refusedByServer } from "./expected.js";
import { hundredContainers } from "./hundred.js";
import { bind, type Counting, installPolicies, judgedNamespace, waitUntilJudged } from "./installed.js";
import { idsOf, spoken, violations } from "./judged.js";

const objectRules = rules.filter((rule) => rule.form === "object");

/** Parameters without which a rule asks for nothing. */
const switchedOn: { readonly [rule: string]: object } = {
  IMG003: { registries: ["registry.example.com"] },
  CST004: { keys: ["team"] },
};

/** Kinds of the examples and of the corpus that are no kinds of Kubernetes' own. */
const crds = [
  "rollouts.argoproj.io",
  "workflows.argoproj.io",
  "inferenceservices.serving.kserve.io",
  "rayclusters.ray.io",
  "leaderworkersets.leaderworkerset.x-k8s.io",
  "httproutes.gateway.networking.k8s.io",
];

// A cluster of its own: policies and their parameters are of the whole cluster, and other tests look at what is left there.
describeWith(CLUSTER_TOOLS, "admission policies", () => {
  let cluster: Cluster;
  let api: Api;
  let ask: Ask;

  /** A namespace in which the policies count so. */
  async function judging(counting: Counting): Promise<string> {
    const { name } = counting;
    await bind(api, rules, counting);
    await judgedNamespace(api, name, name);
    await waitUntilJudged(api, ask, name, name);
    return name;
  }

  /** The object in a namespace, with the service account that a pod of it needs to be taken. */
  async function placed(object: KubeObject, namespace: string): Promise<KubeObject> {
    const { serviceAccountName: name } = (object.spec ?? {}) as { serviceAccountName?: string };
    if (object.kind === "Pod" && name !== undefined) {
      await api.apply({
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name, namespace, labels: { team: "risk" } },
      });
    }
    return { ...object, metadata: { ...object.metadata, namespace } };
  }

  beforeAll(async () => {
    cluster = await startCluster(tools(), { nodes: [] });
    api = connect(cluster);
    ask = asker(cluster, api);
    await installCrds(api, crds);
    await installPolicies(api, rules);
  }, 600_000);

  afterAll(() => cluster?.stop());

  describe("and the examples of the rules", () => {
    /** A Deployment as a Rollout, whose pods the API server does not look into; other objects as they are. */
    const rolloutOf = (object: KubeObject): KubeObject => {
      if (object.kind !== "Deployment") return object;
      const { strategy: _, ...spec } = object.spec as Readonly<Record<string, unknown>>;
      return {
        ...object,
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Rollout",
        spec: { ...spec, strategy: { canary: { steps: [{ setWeight: 10 }] } } },
      };
    };

    const documents = (text: string) =>
      parseAllDocuments(text)
        .map((document) => document.toJS() as KubeObject)
        .filter((object) => object?.kind);

    beforeAll(async () => {
      for (const environment of [undefined, "production"] as const) {
        const suffix = environment ?? "unknown";
        await judging({ name: `warned-${suffix}`, options: { environment, validationActions: ["Warn"] } });
        await judging({ name: `denied-${suffix}`, options: { environment } });
      }
      for (const [id, parameters] of Object.entries(switchedOn)) {
        const options = { parameters: { [id]: parameters } };
        const ids = [id];
        await judging({
          name: `warned-${id.toLowerCase()}`,
          ids,
          options: { ...options, validationActions: ["Warn"] },
        });
        await judging({ name: `denied-${id.toLowerCase()}`, ids, options });
      }
    }, 300_000);

    it.each(objectRules.map((rule) => [rule.id, rule] as const))(
      "%s is broken and kept as at preview",
      async (id, rule) => {
        const parameters = { [id]: switchedOn[id] ?? {} };
        const isEverywhere = documents(rule.bad).some(
          (object) => violations(object, { rules: [rule], parameters }).length > 0,
        );
        const environment = isEverywhere ? undefined : ("production" as const);
        const suffix = switchedOn[id] ? id.toLowerCase() : (environment ?? "unknown");
        const refusals: string[] = [];
        for (const object of documents(rule.bad).map((each) => (exampleRefusedByServer[id] ? rolloutOf(each) : each))) {
          const warned = await placed(object, `warned-${suffix}`);
          const found = violations(warned, { rules: [rule], environment, parameters });
          const answer = await ask(warned);
          expect(answer.status, answer.message).toBe(201);
          const said = spoken(answer).filter(({ rule: spokenId }) => spokenId === id);
          expect(said.map(({ message }) => message).join()).toBe(found.map(({ message }) => message).join("; "));
          if (found.length === 0) continue;
          const { status, message } = await ask(await placed(object, `denied-${suffix}`));
          refusals.push(`${status} ${/ValidatingAdmissionPolicy '([a-z0-9-]+)'/.exec(message)?.[1]}`);
        }
        const others = (rule.otherFindings ?? []).map((other) => `422 plinth-${other.toLowerCase()}`);
        expect(refusals).toHaveLength(1);
        expect([`422 plinth-${id.toLowerCase()}`, ...others]).toContain(refusals[0]);
        for (const object of documents(rule.good)) {
          const { status, message } = await ask(await placed(object, `denied-${suffix}`));
          expect({ status, message }).toEqual({ status: 201, message: "" });
        }
      },
    );
  });

  it("say of the labelled cases of the corpus what the check at preview says", async () => {
    const groups = new Map<string, ReturnType<typeof corpusCases>>();
    for (const each of corpusCases()) {
      const key = JSON.stringify([each.environment, each.parameters]);
      groups.set(key, [...(groups.get(key) ?? []), each]);
    }
    const differing: string[] = [];
    const refused: string[] = [];
    let judged = 0;
    for (const [at, cases] of [...groups.values()].entries()) {
      const labelled = cases.map((each) => ({
        each,
        own: objectRules.filter(({ id }) => isLabelled(id, each.judged)),
      }));
      const ids = idsOf(labelled.flatMap(({ own }) => own.map(({ id }) => ({ rule: id }))));
      if (ids.length === 0) continue;
      const { environment, parameters } = cases[0] ?? {};
      const options = { environment, parameters, validationActions: ["Warn"] as const };
      const namespace = await judging({ name: `corpus-${at}`, ids, options });
      for (const { each, own } of labelled) {
        for (const { type, inputs } of each.graph.nodes) {
          const text = JSON.stringify(inputs);
          if (!type.startsWith("kubernetes:") || /"\$(unknown|secret)"/.test(text)) continue;
          const object = await placed(inputs as unknown as KubeObject, namespace);
          const answer = await ask(object).catch((error: Error) => error.message);
          // A kind whose definition is not installed.
          if (typeof answer === "string") continue;
          judged += 1;
          if (answer.status !== 201) refused.push(`${each.name} ${object.kind}/${object.metadata.name}`);
          else {
            const got = idsOf(spoken(answer)).filter((id) => own.some((rule) => rule.id === id) || id === "");
            const want = idsOf(violations(object, { rules: own, environment, parameters: parameters ?? {} }));
            if (got.join() !== want.join()) differing.push(`${each.name} ${object.kind}: ${got} instead of ${want}`);
          }
        }
      }
    }
    expect(differing).toEqual([]);
    expect(refused.sort()).toEqual(Object.keys(refusedByServer).sort());
    expect(judged).toBeGreaterThan(300);
  }, 600_000);

  it("judge pods with a hundred containers, all policies at once, within the limits of cost", async () => {
    const options = { environment: "production" as const, validationActions: ["Warn"] as const };
    const namespace = await judging({ name: "hundred", options });
    const gpus = { limits: { memory: "1Gi", "nvidia.com/gpu": "1" }, requests: { cpu: "1", "nvidia.com/gpu": "1" } };
    for (const container of [{}, { resources: gpus }, { image: "server:latest" }, { env: [], securityContext: {} }]) {
      const object = await placed(hundredContainers(container) as KubeObject, namespace);
      const answer = await ask(object);
      expect(answer.status, answer.message).toBe(201);
      expect(idsOf(spoken(answer))).toEqual(
        idsOf(violations(object, { rules: objectRules, environment: "production" })),
      );
    }
  });

  describe("in one namespace", () => {
    const pod = (name: string, image: string): KubeObject => ({
      apiVersion: "v1",
      kind: "PodTemplate",
      metadata: { name },
      template: { spec: { containers: [{ name: "main", image }] } },
    });
    const broken = pod("web-1", "web:1.0.0");
    const ids = ["IMG001"];

    it("let through what a waiver of the parameters names, and nothing else", async () => {
      const waiver = { rule: "IMG001", resource: "PodTemplate/waived/web-*", reason: "tests", expires: "2026-12-31" };
      const namespace = await judging({ name: "waived", ids, options: { waivers: [waiver], today: "2026-11-21" } });
      expect((await ask(await placed(broken, namespace))).status).toBe(201);
      const other = await ask(await placed(pod("api-1", "web:1.0.0"), namespace));
      expect(other.status).toBe(422);
      expect(other.message).toContain("'plinth-img001'");
      expect(other.message).toContain("IMG001: web:1.0.0 has no sha256 digest");
    });

    it("do not count in namespaces that are exempt", async () => {
      const exemptNamespaces = ["exempt-system"];
      const name = "exempt";
      const namespace = await judging({ name, ids, options: { exemptNamespaces } });
      await judgedNamespace(api, "exempt-system", name);
      expect((await ask(await placed(broken, namespace))).status).toBe(422);
      expect((await ask(await placed(broken, "exempt-system"))).status).toBe(201);
    });

    it("do not judge what a trusted controller makes", async () => {
      const controller = "system:serviceaccount:kube-system:replicaset-controller";
      const namespace = await judging({ name: "controlled", ids });
      const object = await placed(broken, namespace);
      expect((await ask(object, controller)).message).not.toContain("ValidatingAdmissionPolicy");
      expect((await ask(object)).status).toBe(422);
    });

    it("refuse debug containers that break a rule", async () => {
      const namespace = await judging({ name: "debugged", ids });
      const image = "registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
      const containers = [{ name: "main", image }];
      await api.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } });
      await api.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace }, spec: { containers } });
      const path = `/api/v1/namespaces/${namespace}/pods/web/ephemeralcontainers`;
      const patch = (debug: string) =>
        api.patch(path, { spec: { ephemeralContainers: [{ name: "debug", image: debug }] } });
      await expect(patch("busybox")).rejects.toThrow("IMG001: busybox has no sha256 digest");
      await patch(image);
    });

    it("refuse or admit without their parameters, as the failure policy says", async () => {
      const name = "unfailing";
      const namespace = await judging({ name, ids });
      await api.remove(`/apis/plinth.dev/v1/policyparameters/${name}`);
      const fine = await placed(pod("fine", `web@sha256:${"0".repeat(64)}`), namespace);
      await expect.poll(async () => (await ask(fine)).message, { timeout: 30_000 }).toContain("no params found");
      const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/plinth-img001";
      await api.patch(path, { spec: { failurePolicy: "Ignore" } });
      await expect.poll(async () => (await ask(fine)).status, { timeout: 60_000 }).toBe(201);
      await api.patch(path, { spec: { failurePolicy: "Fail" } });
    });
  });

  it("are compiled without a warning of the API server's types", async () => {
    for (const { id } of objectRules) {
      const path = `/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/plinth-${id.toLowerCase()}`;
      const { status } = await api.waitFor<{ readonly status?: { readonly typeChecking?: object } }>(
        path,
        (policy) => policy.status?.typeChecking !== undefined,
        { seconds: 500, what: `the types of ${id} to be checked` },
      );
      expect({ id, warnings: status?.typeChecking }).toEqual({ id, warnings: {} });
    }
  }, 600_000);
});

function isLabelled(id: string, judged: readonly string[]): boolean {
  return judged.some((word) => id === word || (/^[A-Z]+$/.test(word) && id.startsWith(word)));
}
