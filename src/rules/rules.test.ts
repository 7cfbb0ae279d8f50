import { describe, expect, it } from "vitest";
import { manifestGraph } from "../graph/manifests.js";
import { judge } from "../policy/judge.js";
import { said } from "./fixtures/judged.js";
import { rules } from "./index.js";

/** Parameters without which a rule asks for nothing. */
const switchedOn: { readonly [rule: string]: object } = {
  IMG003: { registries: ["registry.example.com"] },
  REL009: { enabled: true },
  DAT003: { required: true },
  CST002: { required: true },
  CST004: { keys: ["team"] },
};
const idOf = (line: string) => line.split(" ")[0] ?? "";

describe("the catalogue", () => {
  it("has each id and each name once, in the packs' own letters", () => {
    const prefixes: { readonly [pack: string]: string } = {
      gpu: "GPU",
      quotas: "QTA",
      images: "IMG",
      rollout: "ROL",
      reliability: "REL",
      security: "SEC",
      data: "DAT",
      cost: "CST",
      reproducibility: "REP",
    };
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(rules.filter(({ id, pack }) => !new RegExp(`^${prefixes[pack]}\\d{3}$`).test(id))).toEqual([]);
    const order = Object.keys(prefixes);
    const sorted = [...rules].sort((a, b) => order.indexOf(a.pack) - order.indexOf(b.pack) || (a.id < b.id ? -1 : 1));
    expect(rules.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
  });

  it("says nothing without parameters about what only some teams ask for", () => {
    const silent = Object.keys(switchedOn).filter((id) => {
      const rule = rules.find((each) => each.id === id);
      return rule && said(rule.bad, [rule], { environment: "production" }).length === 0;
    });
    expect(silent).toEqual(Object.keys(switchedOn).filter((id) => rules.some((rule) => rule.id === id)));
  });

  it("does not fail on objects with nothing in them, or with other things than they should have", () => {
    const kinds = [
      "v1 Pod",
      "apps/v1 Deployment",
      "batch/v1 CronJob",
      "argoproj.io/v1alpha1 Rollout",
      "argoproj.io/v1alpha1 Workflow",
      "v1 Service",
      "v1 ResourceQuota",
      "karpenter.sh/v1 NodePool",
      "serving.kserve.io/v1beta1 InferenceService",
      "networking.istio.io/v1 VirtualService",
      "autoscaling/v2 HorizontalPodAutoscaler",
    ];
    const bodies = [
      "",
      "spec: null",
      "spec: x",
      "spec: [1]",
      "spec: {template: {spec: {containers: x, tolerations: [1], volumes: {}}}, replicas: x, containers: [null, 1, {resources: 3, env: x, image: 7}]}",
      "metadata: {labels: x, annotations: [1], name: n}",
    ];
    const text = kinds
      .flatMap((kind, k) =>
        bodies.map((body, b) => {
          const [apiVersion, name] = kind.split(" ");
          const metadata = body.startsWith("metadata") ? "" : `metadata: { name: n${k}-${b} }`;
          return `apiVersion: ${apiVersion}\nkind: ${name}\n${metadata}\n${body}\n`;
        }),
      )
      .join("---\n");
    const { graph } = manifestGraph([{ file: "a.yaml", text }], "p");
    expect(graph.nodes.length).toBeGreaterThan(50);
    expect(judge(graph, { rules, environment: "production", parameters: switchedOn }).errors).toBeUndefined();
  });
});

describe.each(rules.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
  const parameters = { [id]: switchedOn[id] ?? {} };
  // The examples of rules for production are judged there, the others where nothing is said.
  const isEverywhere = said(rule.bad, [rule], { parameters }).length > 0;
  const asked = { parameters, ...(!isEverywhere && { environment: "production" as const }) };

  it("gives exactly one finding for its bad example, and the other rules what it says", () => {
    const found = said(rule.bad, rules, asked);
    expect(found.filter((line) => idOf(line) === id)).toHaveLength(1);
    expect([...new Set(found.map(idOf))].filter((other) => other !== id).sort()).toEqual(
      [...(rule.otherFindings ?? [])].sort(),
    );
  });

  it("is kept by its good example, and so is every other rule", () => {
    expect(said(rule.good, rules, asked)).toEqual([]);
  });

  it("has parameters with a default and a description, and refuses others", () => {
    expect(rule.parameters.safeParse({}).success).toBe(true);
    expect(
      Object.entries(rule.parameters.shape)
        .filter(([, field]) => !field.description)
        .map(([name]) => name),
    ).toEqual([]);
    expect(rule.parameters.safeParse({ noSuchParameter: 1 }).success).toBe(false);
  });

  it("says what holds, why and where that can be read", () => {
    expect(rule.statement).toMatch(/^[^\n]+\.$/);
    expect(rule.why).toMatch(/\.$/);
    expect(rule.semantics).toMatch(/\.$/);
    expect(rule.source).toMatch(/^https:\/\//);
  });
});
