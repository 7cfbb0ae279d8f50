import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { type AdmissionObject, admissionPolicies } from "../../policy/admission/index.js";
import { rules } from "../../rules/index.js";
import { version } from "../version.js";
import { run } from "./policies.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "plinth-policies-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function policies(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await run(args, {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    stdin: async () => "",
    env: {},
    directory,
    isTerminal: false,
  });
  return { status, out: out.join(""), err: err.join("") };
}

test("emit prints what the library gives, in the order in which it can be applied", async () => {
  const { status, out } = await policies("emit");
  expect(status).toBe(0);
  const printed = parseAllDocuments(out).map((document) => document.toJS() as AdmissionObject);
  const { objects } = admissionPolicies(rules, { version: version() });
  expect(new Map(printed.map(named))).toEqual(new Map(objects.map(named)));
  expect([...new Set(printed.map(({ kind }) => kind))]).toEqual([...new Set(objects.map(({ kind }) => kind))]);
});

const named = (object: AdmissionObject) => [`${object.kind} ${object.metadata.name}`, object] as const;

test("emit --out writes a file for each object, the definition first and the bindings last", async () => {
  const { out } = await policies("emit", "--out", "made");
  const { objects } = admissionPolicies(rules);
  expect(out).toBe(
    `Wrote ${objects.length} Kubernetes objects to made\nApply them twice, since the first time defines the kind of the parameters: kubectl apply -f made\n`,
  );
  const files = (await readdir(join(directory, "made"))).filter((file) => file.endsWith(".yaml")).sort();
  expect(files.slice(0, 3)).toEqual([
    "10-customresourcedefinition-policyparameters.plinth.dev.yaml",
    "70-policyparameters-plinth.yaml",
    "90-validatingadmissionpolicy-plinth-cst004.yaml",
  ]);
  expect(files.at(-1)).toMatch(/^90-validatingadmissionpolicybinding-/);
});

test("emit takes rules, parameters, environment, waivers and exemptions from the policy file", async () => {
  await writeFile(
    join(directory, "plinth.policy.yaml"),
    `environment: staging
packs: { security: "off" }
rules:
  GPU007: { minGpus: 4 }
  GPU002: "off"
waivers:
  - { rule: IMG001, resource: Deployment/fraud/*, reason: moving, expires: 2999-01-31 }
  - { rule: IMG001, resource: Job/old, reason: done, expires: 2020-01-31 }
exempt:
  - { namespace: sandbox, reason: for tests }
`,
  );
  const { out, err } = await policies("emit", "--out", "made");
  expect(out).not.toBe("");
  const parameters = parse(await readFile(join(directory, "made/70-policyparameters-plinth.yaml"), "utf8"));
  expect(parameters.spec).toMatchObject({
    environment: "staging",
    waivers: [
      { rules: ["IMG001"], resource: "Deployment/fraud/*", reason: "moving", expires: "2999-01-31" },
      { rules: ["*"], resource: "*/sandbox/*", reason: "for tests" },
    ],
  });
  expect(parameters.spec.rules.GPU007.minGpus).toBe(4);
  const files = (await readdir(join(directory, "made"))).join(" ");
  expect(files).toContain("plinth-gpu007");
  expect(files).not.toContain("plinth-gpu002");
  expect(files).not.toContain("plinth-sec");
  expect(err).toBe(
    "plinth: the waiver of IMG001 for Job/old does not count in the cluster: it expired on 2020-01-31\n",
  );
});

test("emit takes what a cluster does with findings from its options", async () => {
  const args = ["--validation-action", "Warn", "--validation-action", "Audit", "--failure-policy", "Ignore"];
  await policies("emit", "--out", "made", ...args, "--exempt-namespace", "infra", "--name", "ml");
  const read = async (name: string) => parse(await readFile(join(directory, "made", name), "utf8"));
  expect((await read("90-validatingadmissionpolicy-ml-gpu004.yaml")).spec.failurePolicy).toBe("Ignore");
  const { spec } = await read("90-validatingadmissionpolicybinding-ml-gpu004.yaml");
  expect(spec.validationActions).toEqual(["Warn", "Audit"]);
  expect(spec.matchResources.namespaceSelector.matchExpressions).toEqual([
    { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["infra"] },
  ]);
});

test("what is asked wrongly is refused with what to do", async () => {
  await expect(policies()).rejects.toThrow('plinth policies has only "emit": plinth policies emit --out DIR.');
  await expect(policies("apply")).rejects.toThrow('plinth policies has only "emit", not "apply"');
  await expect(policies("emit", "a", "b")).rejects.toThrow("Give one folder: a b.");
  await expect(policies("emit", "--validation-action", "Deny", "--validation-action", "Warn")).rejects.toThrow(
    "--validation-action cannot be Deny and Warn at once",
  );
});
