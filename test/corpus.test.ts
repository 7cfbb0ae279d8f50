import { describe, expect, it } from "vitest";
import { kubernetesObject } from "../src/graph/kubernetes.js";
import { type Finding, judge } from "../src/policy/judge.js";
import { rules } from "../src/rules/index.js";
import { type CorpusCase, corpusCases } from "./corpus-cases.js";

const cases = corpusCases();

/** The rules that a case labels; those that the catalogue does not have are left out. */
function labelled({ judged }: CorpusCase) {
  return rules.filter(({ id }) => judged.some((word) => id === word || (/^[A-Z]+$/.test(word) && id.startsWith(word))));
}

/** What is no Kubernetes object is named by its whole type; a finding about the whole of it has no path. */
function said({ graph }: CorpusCase, { rule, verdict, resource, path }: Finding): string {
  const node = graph.nodes.find(({ urn }) => urn === resource.urn);
  const kind = node && !kubernetesObject(node) ? node.type : resource.kind;
  return `${rule} ${verdict} ${kind}/${resource.name} ${path}`.trimEnd();
}

describe("the corpus", () => {
  it("has at least 150 cases, each with a label", () => {
    expect(cases.length).toBeGreaterThanOrEqual(150);
    expect(cases.filter(({ judged }) => judged.length === 0).map(({ name }) => name)).toEqual([]);
  });

  it("names only rules of the catalogue", () => {
    const ids = new Set(rules.map(({ id }) => id));
    const named = cases.flatMap(({ expected }) => expected.map((line) => line.split(" ")[0] ?? ""));
    expect([...new Set(named.filter((id) => !ids.has(id)))].sort()).toEqual([]);
  });

  it.each(cases.map((each) => [each.name, each.what, each] as const))("%s: %s", (_, __, each) => {
    const judged = labelled(each);
    const ids = new Set<string>(judged.map(({ id }) => id));
    const { findings, errors } = judge(each.graph, {
      rules: judged,
      parameters: each.parameters,
      environment: each.environment,
      secrets: each.secrets,
    });
    expect(errors).toBeUndefined();
    expect(findings.map((finding) => said(each, finding)).sort()).toEqual(
      each.expected.filter((line) => ids.has(line.split(" ")[0] ?? "")),
    );
  });
});
