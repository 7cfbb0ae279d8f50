import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { defineObjectRule, type ObjectRule, rules } from "../../rules/index.js";
import { podPlaces } from "../../rules/pod-places.js";
import { kindsOfRule, knownKinds, pluralOf, resourceRules } from "./kinds.js";
import { structural } from "./parameters.js";
import { type AdmissionObject, type AdmissionOptions, admissionPolicies } from "./policies.js";
import { admittedExemptions, admittedWaivers } from "./waivers.js";

const objectRules = rules.filter((rule) => rule.form === "object");
const gpu004 = rules.filter(({ id }) => id === "GPU004");

function rule(checks: ObjectRule["checks"]): ObjectRule {
  return defineObjectRule({
    id: "TST001",
    name: "test",
    pack: "gpu",
    severity: "medium",
    statement: "It holds.",
    why: "Because.",
    source: "https://example.com",
    semantics: "All.",
    parameters: z.strictObject({}),
    bad: "",
    good: "",
    checks,
  });
}

function specOf(object: AdmissionObject | undefined) {
  return object?.spec as {
    failurePolicy: string;
    validationActions: string[];
    paramRef: object;
    matchResources: object;
    matchConstraints: { resourceRules: object[] };
    matchConditions: { name: string; expression: string }[];
    variables?: { name: string; expression: string }[];
    validations: { expression: string; message: string; messageExpression: string }[];
  };
}

describe("the policies", () => {
  it("are one for each rule on single objects, with a binding, after the definition and the parameters", () => {
    const { objects } = admissionPolicies(rules);
    const ids = objectRules.map(({ id }) => id.toLowerCase());
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "CustomResourceDefinition policyparameters.plinth.dev",
      "PolicyParameters plinth",
      ...ids.map((id) => `ValidatingAdmissionPolicy plinth-${id}`),
      ...ids.map((id) => `ValidatingAdmissionPolicyBinding plinth-${id}`),
    ]);
  });

  it("are the same for the same input, and plain JSON", () => {
    const { objects } = admissionPolicies(rules);
    expect(admissionPolicies(rules).objects).toEqual(objects);
    expect(JSON.parse(JSON.stringify(objects))).toEqual(objects);
  });

  it("refuse and fail closed unless told otherwise", () => {
    const { policies, bindings } = admissionPolicies(gpu004);
    expect(specOf(policies[0]).failurePolicy).toBe("Fail");
    expect(specOf(bindings[0])).toMatchObject({
      policyName: "plinth-gpu004",
      paramRef: { name: "plinth", parameterNotFoundAction: "Deny" },
      validationActions: ["Deny"],
    });
    const lenient: AdmissionOptions = { failurePolicy: "Ignore", validationActions: ["Warn", "Audit"], name: "soft" };
    const soft = admissionPolicies(gpu004, lenient);
    expect(specOf(soft.policies[0]).failurePolicy).toBe("Ignore");
    expect(specOf(soft.bindings[0])).toMatchObject({
      policyName: "soft-gpu004",
      paramRef: { name: "soft" },
      validationActions: ["Warn", "Audit"],
    });
  });

  it("warn where a rule is of a lower severity than what is denied", () => {
    const { bindings } = admissionPolicies(objectRules, { denyFrom: "high" });
    const denied = objectRules.filter((_, at) => specOf(bindings[at]).validationActions.includes("Deny"));
    expect(denied.map(({ id }) => id)).toEqual(
      objectRules.filter(({ severity }) => severity === "high" || severity === "critical").map(({ id }) => id),
    );
  });

  it("say of what rule they are, and show when a spec is no longer the one that was emitted", () => {
    const [policy] = admissionPolicies(gpu004, { version: "1.2.3" }).policies;
    const [other] = admissionPolicies(gpu004, { failurePolicy: "Ignore" }).policies;
    expect(policy?.metadata.annotations).toMatchObject({
      "plinth.dev/rule": "GPU004",
      "plinth.dev/rule-name": "gpu-limits-wellformed",
      "plinth.dev/severity": "high",
      "plinth.dev/version": "1.2.3",
    });
    expect(policy?.metadata.annotations?.["plinth.dev/spec-sha256"]).toMatch(/^[0-9a-f]{64}$/);
    expect(other?.metadata.annotations?.["plinth.dev/spec-sha256"]).not.toBe(
      policy?.metadata.annotations?.["plinth.dev/spec-sha256"],
    );
  });

  it("hold the text of the rule as it stands", () => {
    const { policies } = admissionPolicies(objectRules);
    const missing = objectRules.flatMap(({ id, checks }, at) => {
      const { variables = [] } = specOf(policies[at]);
      return checks.flatMap(({ expression, when = "" }) =>
        variables.some((each) => each.expression.includes(`(${expression})`) && each.expression.includes(when))
          ? []
          : [id],
      );
    });
    expect(missing).toEqual([]);
  });

  it("take everything that differs between clusters from the parameters", () => {
    const options = {
      environment: "production",
      parameters: { GPU004: { accelerators: ["example.com/npu"] } },
    } as const;
    const { parameters, policies } = admissionPolicies(gpu004, options);
    expect(parameters.spec).toMatchObject({
      environment: "production",
      rules: { GPU004: { accelerators: ["example.com/npu"] } },
      waivers: [],
    });
    expect(policies).toEqual(admissionPolicies(gpu004).policies);
  });

  it("refuse parameters that do not fit a rule", () => {
    expect(() => admissionPolicies(gpu004, { parameters: { GPU004: { accelerator: [] } } })).toThrow("accelerator");
  });

  it("add the conditions of a team to their own", () => {
    const mine = { name: "not-ours", expression: '!request.namespace.startsWith("sandbox-")' };
    const [policy] = admissionPolicies(gpu004, { matchConditions: [mine] }).policies;
    expect(specOf(policy).matchConditions.map(({ name }) => name)).toEqual([
      "not-being-deleted",
      "not-by-a-controller",
      "not-waived",
      "not-ours",
    ]);
  });

  it("read no variable that is not there, and have none that is not read", () => {
    for (const policy of admissionPolicies(objectRules).policies) {
      const { variables = [], validations } = specOf(policy);
      const texts = [
        ...variables.map(({ expression }) => expression),
        ...validations.flatMap((each) => Object.values(each)),
      ];
      const read = new Set(texts.flatMap((text) => [...text.matchAll(/\bvariables\.(\w+)/g)].map(([, name]) => name)));
      expect([...read].sort()).toEqual(variables.map(({ name }) => name).sort());
    }
  });

  it("stay below the length of a text that an API server parses, with every kind", () => {
    const { policies } = admissionPolicies(objectRules);
    const lengths = policies.flatMap((policy) => {
      const { variables = [], validations } = specOf(policy);
      return [
        ...variables.map(({ expression }) => expression),
        ...validations.flatMap((each) => Object.values(each)),
      ].map((text) => text.length);
    });
    expect(Math.max(...lengths)).toBeLessThan(30_000);
  });
});

describe("a check", () => {
  const only = (checks: ObjectRule["checks"]) =>
    specOf(admissionPolicies([rule(checks)]).policies[0]).variables?.filter(({ name }) => name.startsWith("holds")) ??
    [];

  it("of containers goes through the three lists of every pod", () => {
    const [validation] = only([
      {
        each: "container",
        kinds: ["apps/Deployment"],
        expression: "has(container.name)",
        path: "name",
        message: '"no name"',
      },
    ]);
    expect(validation?.expression).toBe(
      '!(variables.groupKind in ["apps/Deployment"]) || variables.pods.all(pod, ["containers", "initContainers", "ephemeralContainers"].all(list, (list in pod.spec ? pod.spec[list] : []).all(container, (has(container.name)))))',
    );
  });

  it("of the entries of a list or a map passes where there is none", () => {
    const [list, keys] = only([
      {
        each: "pod",
        kinds: ["Pod"],
        within: { list: "spec.volumes" },
        expression: "has(item.name)",
        path: "",
        message: '""',
      },
      {
        each: "object",
        kinds: ["Pod"],
        within: { keys: "metadata.labels" },
        when: 'key != ""',
        expression: "true",
        path: "",
        message: '""',
      },
    ]);
    expect(list?.expression).toBe(
      '!(object.kind in ["Pod"]) || variables.pods.all(pod, (has(pod.spec) && has(pod.spec.volumes) ? pod.spec.volumes : []).all(item, (has(item.name))))',
    );
    expect(keys?.expression).toBe(
      '!(object.kind in ["Pod"]) || [variables.object].all(object, (has(object.metadata) && has(object.metadata.labels) ? object.metadata.labels : {}).all(key, (!(key != "") || (true))))',
    );
  });

  it("of entries further down goes through every list on the way", () => {
    const [filters] = only([
      {
        each: "object",
        kinds: ["HTTPRoute"],
        within: { list: "spec.rules[*].filters" },
        expression: "has(item.type)",
        path: "type",
        message: '"no type"',
      },
    ]);
    expect(filters?.expression).toContain(
      "(has(object.spec) && has(object.spec.rules) ? object.spec.rules : []).all(part0, (has(part0.filters) ? part0.filters : []).all(item, (has(item.type))))",
    );
  });

  it("is not asked of what a custom resource cannot set", () => {
    const [validation] = only([
      { each: "pod", kinds: ["TrainJob"], expression: "false", path: "spec.securityContext", message: '""' },
    ]);
    expect(validation?.expression).toContain('(!has(pod.settable) || "securityContext" in pod.settable)');
  });
});

describe("the kinds", () => {
  it("of a rule on containers are all that have pods, with debug containers and changed resources of pods", () => {
    const all = rule([{ each: "container", expression: "true", path: "", message: '""' }]);
    const kinds = kindsOfRule(all).map(({ group, kind }) => `${group}/${kind}`);
    expect(new Set(kinds)).toEqual(
      new Set(podPlaces.filter(({ pods }) => pods).map(({ group, kind }) => `${group}/${kind}`)),
    );
    expect(resourceRules(kindsOfRule(all))[0]).toEqual({
      apiGroups: [""],
      apiVersions: ["v1"],
      operations: ["CREATE", "UPDATE"],
      resources: ["pods", "pods/ephemeralcontainers", "pods/resize", "podtemplates", "replicationcontrollers"],
    });
  });

  it("that nobody knows are taken by their names", () => {
    const own = rule([
      { each: "object", kinds: ["example.com/Policy", "Box"], expression: "true", path: "", message: '""' },
    ]);
    expect(resourceRules(kindsOfRule(own))).toEqual([
      { apiGroups: ["example.com"], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources: ["policies"] },
      { apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources: ["boxes"] },
    ]);
  });

  test.each([
    ["Gateway", "gateways"],
    ["NetworkPolicy", "networkpolicies"],
    ["Ingress", "ingresses"],
    ["StatefulSet", "statefulsets"],
  ])("%s are called %s", (kind, plural) => expect(pluralOf(kind)).toBe(plural));

  it("are each known once", () => {
    const names = knownKinds.map(({ group, kind }) => `${group}/${kind}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("the parameters", () => {
  it("have a schema with the defaults of every rule, which an API server takes", () => {
    const { definition } = admissionPolicies(rules);
    const text = JSON.stringify(definition);
    expect(text).not.toMatch(/"(\$schema|\$ref|anyOf|const|exclusiveMinimum|propertyNames)"/);
    expect(text).not.toContain('"additionalProperties":false');
    expect(text).toContain('"GPU004":{"type":"object"');
  });

  it("keep what a structural schema can say, and leave the rest to the rule", () => {
    const schema = z.toJSONSchema(
      z.strictObject({
        count: z.int().min(1).default(2).describe("How many."),
        either: z.union([z.string(), z.number()]).default("a"),
        table: z.record(z.string(), z.array(z.enum(["a", "b"]))).default({}),
      }),
      { io: "input" },
    );
    expect(structural(schema as Parameters<typeof structural>[0])).toEqual({
      type: "object",
      properties: {
        count: { type: "integer", description: "How many.", default: 2, minimum: 1 },
        either: { "x-kubernetes-preserve-unknown-fields": true, default: "a" },
        table: {
          type: "object",
          default: {},
          additionalProperties: { type: "array", items: { type: "string", enum: ["a", "b"] } },
        },
      },
    });
  });
});

describe("waivers", () => {
  const waiver = { rule: "IMG001", resource: "Deployment/fraud/web-*", reason: "tests", expires: "2026-12-31" };

  it("of whole objects that have not expired are told, the others are listed with the reason", () => {
    const { told, leftOut } = admittedWaivers(
      [
        waiver,
        { ...waiver, expires: "2026-11-20" },
        { ...waiver, path: "spec.template" },
        { ...waiver, resource: "urn:pulumi:*::Deployment::web" },
        { ...waiver, resource: "Deployment/web[0-9]" },
      ],
      "2026-11-21",
    );
    expect(told).toEqual([
      { rules: ["IMG001"], resource: "Deployment/fraud/web-*", reason: "tests", expires: "2026-12-31" },
    ]);
    expect(leftOut.map(({ why }) => why)).toEqual([
      "it expired on 2026-11-20",
      "it is for spec.template alone, and an API server can only waive whole objects",
      "it names a URN, which an API server does not know",
      "Deployment/web[0-9] is no Kind/name or Kind/namespace/name",
    ]);
  });

  it("count to the end of the day on which they expire", () => {
    expect(admittedWaivers([waiver], "2026-12-31").leftOut).toEqual([]);
    expect(admittedWaivers([waiver], "2027-01-01").told).toEqual([]);
  });

  it("and exemptions name objects so that their pattern is a harmless regular expression", () => {
    const part = fc.option(
      fc.string({ maxLength: 12 }).filter((text) => text !== ""),
      { nil: undefined },
    );
    fc.assert(
      fc.property(part, part, part, (namespace, kind, name) => {
        const { told, leftOut } = admittedExemptions([{ namespace, kind, name, reason: "r" }]);
        expect(told.length + leftOut.length).toBe(1);
        for (const { resource } of told) {
          const pattern = `^${resource.replaceAll(".", "[.]").replaceAll("*", ".*")}$`;
          expect(new RegExp(pattern).test(resource.replaceAll("*", "x"))).toBe(true);
        }
      }),
    );
  });

  test.each([
    [{ namespace: "infra" }, "*/infra/*"],
    [{ kind: "DaemonSet" }, "DaemonSet/*"],
    [{ kind: "Pod", name: "web-*" }, "Pod/web-*"],
    [{ namespace: "team-*", kind: "Job", name: "a" }, "Job/team-*/a"],
  ])("the exemption %j is %s", (exemption, resource) => {
    expect(admittedExemptions([{ ...exemption, reason: "r" }]).told).toEqual([{ rules: ["*"], resource, reason: "r" }]);
  });
});
