import { setTimeout as sleep } from "node:timers/promises";
import { type AdmissionObject, type AdmissionOptions, admissionPolicies } from "../../../src/policy/admission/index.js";
import type { Rule } from "../../../src/rules/index.js";
import type { Api } from "../cluster/api.js";
import { hasCondition, type KubeObject } from "../cluster/objects.js";
import type { Ask } from "./ask.js";

/** The label of namespaces by which bindings of the tests choose theirs: other tests share the cluster. */
const label = "test.plinth.dev/policies";

/** How the policies count in some namespaces. */
export interface Counting {
  /** Of the parameters, of the bindings' names, and value of the namespaces' label. */
  readonly name: string;
  readonly options?: AdmissionOptions;
  /** @default all */
  readonly ids?: readonly string[];
}

/** Policies for these rules, each once for all tests of the file. What they judge is settled by `bind`. */
export async function installPolicies(api: Api, rules: readonly Rule[], options: AdmissionOptions = {}): Promise<void> {
  const { objects } = admissionPolicies(rules, options);
  for (const object of objects) {
    if (object.kind === "CustomResourceDefinition") await define(api, object);
    if (object.kind === "ValidatingAdmissionPolicy") await api.apply(object);
  }
  await api.apply(canary);
}

async function define(api: Api, definition: AdmissionObject): Promise<void> {
  await api.apply(definition);
  const wait = { seconds: 60, what: "PolicyParameters to be established" };
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
  await api.waitFor<KubeObject>(path, (object) => hasCondition(object, "Established"), wait);
  await api.waitFor<KubeObject>("/apis/plinth.dev/v1", () => true, wait);
}

/** Binds the policies to the namespaces of a name, with parameters of its own. */
export async function bind(api: Api, rules: readonly Rule[], { name, options, ids }: Counting): Promise<void> {
  const { objects } = admissionPolicies(rules, options);
  const parameters = objects.find(({ kind }) => kind === "PolicyParameters");
  if (parameters) await api.apply({ ...parameters, metadata: { ...parameters.metadata, name } });
  const bindings = objects.filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");
  const bound = bindings.filter(
    ({ metadata }) => !ids || ids.includes(metadata.annotations?.["plinth.dev/rule"] ?? ""),
  );
  await Promise.all(bound.map((binding) => api.apply(kept(binding, name))));
}

/** The binding, for the namespaces of a test alone. */
function kept(binding: AdmissionObject, name: string): AdmissionObject {
  const { matchResources, paramRef, ...spec } = binding.spec as {
    matchResources: { namespaceSelector?: { matchExpressions: object[] } };
    paramRef: object;
  };
  const { matchExpressions = [] } = matchResources.namespaceSelector ?? {};
  const own = { key: label, operator: "In", values: [name] };
  return {
    ...binding,
    metadata: { ...binding.metadata, name: `${binding.metadata.name}.${name}` },
    spec: {
      ...spec,
      paramRef: { ...paramRef, name },
      matchResources: {
        ...matchResources,
        namespaceSelector: { matchExpressions: [...matchExpressions, own] },
        // Selectors of namespaces pass objects that have none, and those of other tests must not be judged.
        resourceRules: [
          { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"], scope: "Namespaced" },
        ],
      },
    },
  };
}

/** A namespace in which the policies count as bound by this name. */
export async function judgedNamespace(api: Api, namespace: string, name: string): Promise<void> {
  await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: { [label]: name } } });
}

const managed = { "app.kubernetes.io/managed-by": "plinth" };

/** A policy that refuses one ConfigMap in the namespaces of a name: bound last, it counts when all others do. */
const canary = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingAdmissionPolicy",
  metadata: { name: "plinth-canary", labels: managed },
  spec: {
    failurePolicy: "Fail",
    paramKind: { apiVersion: "plinth.dev/v1", kind: "PolicyParameters" },
    matchConstraints: {
      resourceRules: [
        {
          apiGroups: [""],
          apiVersions: ["v1"],
          operations: ["CREATE"],
          resources: ["configmaps"],
          scope: "Namespaced",
        },
      ],
    },
    validations: [
      {
        expression: 'object.metadata.name != "canary" || params.spec.environment == ""',
        message: "the canary is heard",
      },
    ],
  },
};

function canaryBinding(name: string): KubeObject {
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: `plinth-canary.${name}`, labels: managed },
    spec: {
      policyName: "plinth-canary",
      paramRef: { name, parameterNotFoundAction: "Deny" },
      validationActions: ["Deny"],
      matchResources: { namespaceSelector: { matchLabels: { [label]: name } } },
    },
  };
}

/** Policies count some hundred milliseconds after they were made: waits until those bound by this name do. */
export async function waitUntilJudged(api: Api, ask: Ask, namespace: string, name: string): Promise<void> {
  await api.apply(canaryBinding(name));
  for (let left = 1200; left > 0; left -= 1) {
    const { message } = await ask({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "canary", namespace } });
    if (message.includes("the canary is heard")) return;
    await sleep(100);
  }
  throw new Error(`waited two minutes for the policies in namespace ${namespace}, in vain`);
}
