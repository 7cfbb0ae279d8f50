import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { program } from "../graph/fixtures/program.js";
import { digestPinned } from "../rules/images/pinned.js";
import { defineGraphRule } from "../rules/rule.js";
import { judge, resourcePolicies, rules } from "./index.js";
import { policyNode, stackPolicyName } from "./pulumi.js";

const require = createRequire(import.meta.url);
const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy.js") as {
  unknownCheckingProxy: (props: object) => Record<string, unknown>;
  unknownStringValue: string;
};

describe("judging a graph", () => {
  it("gives a finding for each outcome and counts verdicts, severities, resources and rules", () => {
    expect(judge(program, { rules: [digestPinned] })).toEqual({
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
          message: expect.stringMatching(/^nginx:1\.29 has no sha256 digest/),
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
    expect(judge(existing, { rules }).findings).toEqual([]);
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
    const [policy] = resourcePolicies([digestPinned]);
    expect([policy?.name, policy?.enforcementLevel, policy?.severity]).toEqual(["IMG001", "advisory", "high"]);
    expect(await reported(policy, args)).toEqual([`spec.containers[1].image: ${messageOf("busybox:1")}`]);
  });

  it("read a resource once for all rules, and again when it is judged again", async () => {
    let reads = 0;
    const counted = (image: string) => ({
      ...args,
      props: {
        get spec() {
          reads += 1;
          return { containers: [{ image }] };
        },
      },
    });
    const [first, second] = resourcePolicies([digestPinned, { ...digestPinned, id: "IMG999" }]);
    await reported(first, counted("a:1"));
    expect(await reported(second, counted("a:1"))).toEqual([`spec.containers[0].image: ${messageOf("a:1")}`]);
    expect(reads).toBe(1);
    expect(await reported(first, counted("b:1"))).toEqual([`spec.containers[0].image: ${messageOf("b:1")}`]);
    expect(reads).toBe(2);
  });

  it("judge the whole stack in one policy, which reports by the names of the rules what is certain", async () => {
    const everyPod = defineGraphRule({
      ...digestPinned,
      id: "OWN001",
      check: (view) =>
        view.workloads().flatMap(({ node, object }) => [
          {
            node,
            verdict: "violation" as const,
            path: "spec",
            message: `${JSON.stringify(object.spec)} ${view.nodes.length}`,
          },
          { node, verdict: "undecided" as const, path: "spec", message: "not told" },
        ]),
    });
    const broken = defineGraphRule({
      ...digestPinned,
      id: "OWN002",
      check: () => {
        throw new Error("broken");
      },
    });
    const policies = resourcePolicies([everyPod, digestPinned, broken]);
    expect(policies.map(({ name }) => name)).toEqual(["IMG001", stackPolicyName]);
    const resource = (type: string, name: string, spec: object) => ({
      type,
      name,
      urn: `urn:pulumi:s::p::${type}::${name}`,
      props: unknownCheckingProxy({ apiVersion: "v1", kind: "Pod", spec }),
      opts: { protect: false, ignoreChanges: [] },
      dependencies: [],
      propertyDependencies: {},
    });
    const resources = [
      resource("pulumi:pulumi:Stack", "s", {}),
      resource("kubernetes:core/v1:Pod", "a", { containers: [{ image: unknownStringValue }] }),
    ];
    const pod = "urn:pulumi:s::p::kubernetes:core/v1:Pod::a";
    const description = `${digestPinned.statement} ${digestPinned.why}`;
    const spec = `{"containers":[{"image":{"$unknown":"${pod}.spec.containers[0].image"}}]}`;
    expect(await reported(policies[1], { resources })).toEqual([
      { name: "OWN001", urn: pod, severity: "high", description, message: `${description}\nspec: ${spec} 1` },
      "rule OWN002 could not be run: broken",
    ]);
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
      resourcePolicies(rules).map((policy) => ({
        ...policy,
        ...("validateStack" in policy
          ? { validateStack: expect.any(Function) }
          : { validateResource: expect.any(Function) }),
      })),
    ]);
    expect(read("PulumiPolicy.yaml")).toContain("runtime: nodejs");
    expect(JSON.parse(read("package.json"))).toMatchObject({ type: "commonjs", main: "index.js", version: "0.1.0" });
  });
});

type Policy = ReturnType<typeof resourcePolicies>[number];

/** What a policy reports about these arguments, which are made as Pulumi makes them. */
async function reported(policy: Policy | undefined, args: object): Promise<unknown[]> {
  const found: unknown[] = [];
  const validate = policy && ("validateStack" in policy ? policy.validateStack : [policy.validateResource].flat()[0]);
  await (validate as ((args: object, report: (violation: unknown) => void) => void) | undefined)?.(args, (violation) =>
    found.push(violation),
  );
  return found;
}

function messageOf(image: string): string {
  const pod = {
    ...program.nodes[0],
    urn: "u",
    type: "kubernetes:core/v1:Pod",
    name: "x",
    kind: "custom",
    inputs: { spec: { containers: [{ image }] } },
  };
  return judge({ ...program, nodes: [pod] } as typeof program, { rules: [digestPinned] }).findings[0]?.message ?? "";
}
