import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { program } from "../graph/fixtures/program.js";
import { judge, resourcePolicies, rules } from "./index.js";
import { policyNode } from "./pulumi.js";

const require = createRequire(import.meta.url);
const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy.js") as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  unknownStringValue: string;
};

describe("judging a graph", () => {
  it("gives a finding for each outcome and counts verdicts, severities, resources and rules", () => {
    expect(judge(program, rules)).toEqual({
      version: 1,
      findings: [
        {
          rule: "IMG001",
          severity: "high",
          verdict: "violation",
          resource: {
            urn: "urn:pulumi:dev::fraud::kubernetes:apps/v1:Deployment::model",
            kind: "Deployment",
            name: "model",
            namespace: "fraud",
          },
          path: "spec.template.spec.containers[0].image",
          message: "nginx:1.29 has no sha256 digest",
          source: { file: "index.ts", line: 30, column: 1 },
        },
      ],
      summary: {
        verdicts: { violation: 1, undecided: 0, waived: 0 },
        severities: { critical: 0, high: 1, medium: 0, low: 0 },
        resources: 6,
        rules: 1,
      },
    });
  });

  it("does not judge what already exists", () => {
    const existing = { ...program, nodes: program.nodes.map((node) => ({ ...node, kind: "read" as const })) };
    expect(judge(existing, rules).findings).toEqual([]);
  });
});

describe("the Pulumi policies", () => {
  const props = unknownCheckingProxy({
    apiVersion: "v1",
    kind: "Pod",
    spec: { containers: [{ image: unknownStringValue }, { image: "busybox:1" }], nothing: undefined },
  });
  const args = { urn: "urn:pulumi:s::p::kubernetes:core/v1:Pod::x", type: "kubernetes:core/v1:Pod", name: "x", props };

  it("read what Pulumi hands them field by field, unknown ones as unknown", () => {
    expect(policyNode(args).inputs).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      spec: { containers: [{ image: { $unknown: `${args.urn}.spec.containers[0].image` } }, { image: "busybox:1" }] },
    });
  });

  it("report the definite violation although the container before it is unknown", async () => {
    const reported: string[] = [];
    const [policy] = resourcePolicies(rules);
    expect([policy?.name, policy?.enforcementLevel, policy?.severity]).toEqual(["IMG001", "advisory", "high"]);
    const validate = [policy?.validateResource].flat()[0];
    await validate?.(args as unknown as Parameters<typeof validate>[0], (message) => reported.push(message));
    expect(reported).toEqual(["spec.containers[1].image: busybox:1 has no sha256 digest"]);
  });

  it("are what the policy pack is made of", () => {
    const read = (name: string) => readFileSync(new URL(`../../policies/${name}`, import.meta.url), "utf8");
    const made: unknown[] = [];
    class PolicyPack {
      constructor(name: string, pack: { policies: unknown[] }) {
        made.push(name, pack.policies);
      }
    }
    const modules: Record<string, object> = {
      "@pulumi/policy": { PolicyPack },
      "../dist/policy/index.js": { resourcePolicies, rules },
    };
    new Function("require", read("index.js"))((name: string) => modules[name]);
    expect(made).toEqual([
      "plinth",
      resourcePolicies(rules).map((policy) => ({ ...policy, validateResource: expect.any(Function) })),
    ]);
    expect(read("PulumiPolicy.yaml")).toContain("runtime: nodejs");
    expect(JSON.parse(read("package.json"))).toMatchObject({ type: "commonjs", main: "index.js", version: "0.1.0" });
  });
});
