import { expect, test } from "vitest";
import { memoryPlatform } from "../../platform/memory-platform.js";
import { rules } from "../../rules/index.js";
import { recordGraph } from "../../testing/index.js";
import { AdmissionPolicies, type AdmissionPoliciesArgs } from "./component.js";

const two = rules.filter(({ id }) => ["GPU004", "IMG001", "GPU001"].includes(id));

async function made(args: Partial<AdmissionPoliciesArgs> = {}) {
  const program = () => {
    new AdmissionPolicies("guard", { platform: memoryPlatform({ environment: "production" }), rules: two, ...args });
  };
  const { graph } = await recordGraph(program);
  return graph.nodes.filter(({ type }) => type.startsWith("kubernetes:"));
}

test("each rule on single objects becomes a policy and a binding, through the platform's provider", async () => {
  const nodes = await made();
  expect(nodes.map(({ type, name }) => `${type.split(":")[2]} ${name}`).sort()).toEqual([
    "CustomResourceDefinition guard",
    "PolicyParameters guard",
    "ValidatingAdmissionPolicy guard-gpu004",
    "ValidatingAdmissionPolicy guard-img001",
    "ValidatingAdmissionPolicyBinding guard-gpu004",
    "ValidatingAdmissionPolicyBinding guard-img001",
  ]);
  expect(new Set(nodes.map(({ provider }) => provider?.split("::").at(-1)))).toEqual(new Set(["memory"]));
  expect(new Set(nodes.map(({ parent }) => parent?.split("::").slice(-2).join(" ")))).toEqual(
    new Set(["plinth:index:AdmissionPolicies guard"]),
  );
});

test("policies wait for their parameters, and bindings for their policies", async () => {
  const nodes = await made();
  const waitsFor = (type: string) =>
    nodes
      .filter((node) => node.type.endsWith(`:${type}`))
      .flatMap(({ dependencies }) => dependencies.map((urn) => urn.split("::").slice(-2).join(" ").split(":").at(-1)));
  expect(waitsFor("PolicyParameters")).toEqual(["CustomResourceDefinition guard"]);
  expect(waitsFor("ValidatingAdmissionPolicy")).toEqual(["PolicyParameters guard", "PolicyParameters guard"]);
  expect(waitsFor("ValidatingAdmissionPolicyBinding")).toEqual([
    "ValidatingAdmissionPolicy guard-gpu004",
    "ValidatingAdmissionPolicy guard-img001",
  ]);
});

test("the environment is the platform's unless another is given, and expired waivers are left out", async () => {
  const waivers = [
    { rule: "IMG001", resource: "Pod/a/*", reason: "old", expires: "2026-01-31" },
    { rule: "IMG001", resource: "Pod/b/*", reason: "new", expires: "2027-01-31" },
  ];
  const specOf = async (args: Partial<AdmissionPoliciesArgs>) =>
    (await made(args)).find(({ type }) => type.endsWith(":PolicyParameters"))?.inputs.spec;
  expect(await specOf({ waivers, today: "2026-11-21" })).toMatchObject({
    environment: "production",
    waivers: [{ rules: ["IMG001"], resource: "Pod/b/*", reason: "new", expires: "2027-01-31" }],
  });
  expect(await specOf({ environment: "staging" })).toMatchObject({ environment: "staging", waivers: [] });
});

test("a cluster that has the definition already gets none", async () => {
  expect((await made({ define: false })).filter(({ type }) => type.endsWith(":CustomResourceDefinition"))).toEqual([]);
});

test("no cluster is chosen by itself", async () => {
  await expect(recordGraph(() => void new AdmissionPolicies("guard", { rules: two }))).rejects.toThrow(
    "platform: is required: give a platform, or a kubernetes.Provider in the component's options",
  );
});
