import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InputError } from "../../graph/model.js";
import type { Rule } from "../../rules/index.js";
import { parsePolicy } from "./read.js";
import { resolvePolicy } from "./resolve.js";

const rule = (id: string, pack: string, parameters: z.ZodObject = z.strictObject({})): Rule =>
  ({ form: "object", id, pack, severity: "medium", parameters, checks: [] }) as unknown as Rule;
const catalogue = [
  rule("IMG001", "images", z.strictObject({ exemptRegistries: z.array(z.string()).default([]) })),
  rule("IMG002", "images"),
  rule("GPU001", "gpu"),
];
const resolved = (text: string, environment?: "production" | "development") =>
  resolvePolicy(catalogue, parsePolicy(text, "plinth.policy.yaml"), environment);
const refused = (text: string): string => {
  try {
    resolved(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("the file was accepted");
};

describe("without a file", () => {
  it("every rule is on with its defaults, violations of high severity fail, and the undecided is reported", () => {
    expect(resolvePolicy(catalogue, undefined)).toEqual({
      environment: undefined,
      failOn: "high",
      undecided: "report",
      rules: catalogue,
      parameters: { IMG001: { exemptRegistries: [] }, IMG002: {}, GPU001: {} },
      exempt: [],
    });
  });
});

describe("a policy file", () => {
  it("may be empty", () => {
    expect(resolved("")).toEqual(resolvePolicy(catalogue, undefined));
  });

  it("switches packs and rules, sets severities and parameters; a rule's own word goes over its pack's", () => {
    const policy = resolved(`
packs: { images: off }
rules:
  IMG001: { severity: critical, exemptRegistries: [registry.example.com] }
  GPU001: off
`);
    expect(policy.rules.map(({ id, severity }) => [id, severity])).toEqual([["IMG001", "critical"]]);
    expect(policy.parameters).toEqual({ IMG001: { exemptRegistries: ["registry.example.com"] } });
  });

  it("is stricter for one environment, which the command line or the file names", () => {
    const text = `
environment: production
rules: { GPU001: off }
environments:
  production: { failOn: low, undecided: error, rules: { GPU001: { severity: high } } }
`;
    const strict = resolved(text);
    expect([strict.environment, strict.failOn, strict.undecided]).toEqual(["production", "low", "error"]);
    expect(strict.rules.map(({ id }) => id)).toEqual(["IMG001", "IMG002", "GPU001"]);
    const relaxed = resolved(text, "development");
    expect([relaxed.environment, relaxed.failOn]).toEqual(["development", "high"]);
    expect(relaxed.rules.map(({ id }) => id)).toEqual(["IMG001", "IMG002"]);
  });

  it.each([
    [
      "rules:\n  IMG003: off",
      'plinth.policy.yaml:2: rules.IMG003: there is no rule IMG003; "plinth rules" lists them.',
    ],
    ["packs:\n  gpus: off", "plinth.policy.yaml:2: packs.gpus: there is no such pack; the packs are images, gpu."],
    [
      "rules:\n  IMG001:\n    registries: []",
      "plinth.policy.yaml:3: rules.IMG001.registries: IMG001 has no such parameter; it has severity, exemptRegistries.",
    ],
    [
      "rules:\n  GPU001: { max: 1 }",
      "plinth.policy.yaml:2: rules.GPU001.max: GPU001 has no parameters besides severity.",
    ],
    ["failOn: all", 'plinth.policy.yaml:1: failOn: Invalid option: expected one of "critical"|"high"|"medium"|"low".'],
    ["waiver: []", "plinth.policy.yaml:1: waiver: there is no such field."],
    [
      "waivers:\n  - { rule: IMG001, resource: Pod/x, reason: because }",
      'plinth.policy.yaml:2: waivers[0].expires: must be a day such as "2027-01-31".',
    ],
    [
      "waivers:\n  - { rule: IMG001, resource: Pod/x, reason: '', expires: soon }",
      'plinth.policy.yaml:2: waivers[0].reason: must not be empty.\nplinth.policy.yaml:2: waivers[0].expires: must be a day such as "2027-01-31".',
    ],
    [
      "waivers:\n  - rule: IMG009\n    resource: x\n    reason: y\n    expires: 2027-01-31",
      'plinth.policy.yaml:2: waivers[0].rule: there is no rule IMG009; "plinth rules" lists them.',
    ],
    [
      "exempt:\n  - reason: all of it",
      "plinth.policy.yaml:2: exempt[0]: names no namespace, kind or name and would exempt everything.",
    ],
    ["rules: { IMG001: off, IMG001: off }", "plinth.policy.yaml:1: Map keys must be unique."],
    ["- a", "plinth.policy.yaml:1: the file: Invalid input: expected object, received array."],
  ])("that says %j is refused with file, line and field", (text, message) => {
    expect(refused(text)).toBe(message);
  });
});
