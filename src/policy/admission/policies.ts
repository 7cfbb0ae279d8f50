import { createHash } from "node:crypto";
import type { Environment, ObjectRule, Rule, Severity } from "../../rules/rule.js";
import type { Exemption } from "../config/schema.js";
import type { Waiver } from "../waivers.js";
import { quantifiedChecks } from "./checks.js";
import { kindsOfRule, placesOfRule, resourceRules } from "./kinds.js";
import { group, type ParametersSpec, parametersDefinition, parametersKind, version } from "./parameters.js";
import { imageVariables, kindNames, podVariables, type Variable } from "./pods.js";
import { admittedExemptions, admittedWaivers, type LeftOut, notWaived } from "./waivers.js";

export type ValidationAction = "Deny" | "Warn" | "Audit";

export interface MatchCondition {
  readonly name: string;
  /** CEL over `object`, `oldObject`, `request` and `params`. */
  readonly expression: string;
}

export interface AdmissionOptions {
  /** Where the cluster stands. @default unknown: rules for production are silent */
  readonly environment?: Environment | undefined;
  /** Parameters by the ids of rules; what is not given has its default. */
  readonly parameters?: { readonly [rule: string]: unknown };
  /** What happens to a request that cannot be judged. @default "Fail": it is refused */
  readonly failurePolicy?: "Fail" | "Ignore";
  /** What happens to an object that breaks a rule. @default ["Deny"] */
  readonly validationActions?: readonly ValidationAction[];
  /** Rules of a lower severity warn and audit instead. @default "low": none does */
  readonly denyFrom?: Severity;
  /** Namespaces in which nothing is judged, not even when the parameter object is missing. @default exemptedNamespaces */
  readonly exemptNamespaces?: readonly string[];
  readonly waivers?: readonly Waiver[];
  /** What the policy file exempts. */
  readonly exempt?: readonly Exemption[];
  /** The day on which waivers are looked at: `2026-11-21`. @default nothing has expired */
  readonly today?: string;
  /** More conditions that a request must meet to be judged. */
  readonly matchConditions?: readonly MatchCondition[];
  /** Users whose requests are not judged. @default builtInControllers */
  readonly controllers?: readonly string[];
  /** The name of the parameter object and the start of the names of policies. @default "plinth" */
  readonly name?: string;
  /** The version of Plinth, told in annotations. */
  readonly version?: string;
}

/** A Kubernetes object as plain JSON. */
export type AdmissionObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
};

export interface EmittedPolicies {
  /** The definition of `PolicyParameters`. */
  readonly definition: AdmissionObject;
  readonly parameters: AdmissionObject;
  /** One for each rule on single objects. */
  readonly policies: readonly AdmissionObject[];
  /** Each of the policy at the same place. */
  readonly bindings: readonly AdmissionObject[];
  /** All of these in the order in which they can be applied. */
  readonly objects: readonly AdmissionObject[];
  /** What counts at preview and not in the cluster. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Namespaces of what Kubernetes and GKE themselves run.
 * Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces and
 * https://cloud.google.com/kubernetes-engine/docs/concepts/cluster-architecture
 */
export const exemptedNamespaces: readonly string[] = [
  ...["kube-system", "kube-public", "kube-node-lease"],
  ...["gke-managed-system", "gke-managed-cim", "gke-gmp-system", "gmp-system"],
];

/**
 * Kubernetes' own controllers that make pods and jobs out of objects that were judged when they were made. Judged again,
 * a waiver of a Deployment would not hold for its pods, and what ran before the policies came could not be restarted.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles
 */
export const builtInControllers: readonly string[] = [
  "system:kube-controller-manager",
  ...["cronjob", "daemon-set", "deployment", "job", "replicaset", "replication", "statefulset"].map(
    (name) => `system:serviceaccount:kube-system:${name}-controller`,
  ),
];

const severities: readonly Severity[] = ["critical", "high", "medium", "low"];

/**
 * The rules on single objects as ValidatingAdmissionPolicies, with what they need: the same texts that judge at preview,
 * run by the API server (1.35 or newer) for every object that comes, whoever sends it. Rules across objects and on cloud
 * resources have no place there and are passed over. Pure; the same input gives the same objects.
 *
 * A policy reads its parameters, the waivers and the environment from one `PolicyParameters`. Without it a request is
 * treated as one that cannot be judged: `parameterNotFoundAction: Deny` leaves it to `failurePolicy`.
 *
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 * @throws ZodError when parameters do not fit a rule.
 */
export function admissionPolicies(rules: readonly Rule[], options: AdmissionOptions = {}): EmittedPolicies {
  const { name = "plinth", parameters = {}, today = "" } = options;
  const own = rules.filter((rule) => rule.form === "object");
  const waivers = admittedWaivers(options.waivers ?? [], today);
  const exemptions = admittedExemptions(options.exempt ?? []);
  const spec: ParametersSpec = {
    environment: options.environment ?? "unknown",
    rules: Object.fromEntries(own.map((rule) => [rule.id, rule.parameters.parse(parameters[rule.id] ?? {})])),
    waivers: [...waivers.told, ...exemptions.told],
    controllers: options.controllers ?? builtInControllers,
  };
  const definition = parametersDefinition(own, labels);
  const given = {
    apiVersion: `${group}/${version}`,
    kind: parametersKind,
    metadata: { name, labels },
    spec: { ...spec },
  };
  const policies = own.map((rule) => policyOf(rule, name, options));
  const bindings = own.map((rule) => bindingOf(rule, name, options));
  return {
    definition,
    parameters: given,
    policies,
    bindings,
    objects: [definition, given, ...policies, ...bindings],
    leftOut: [...waivers.leftOut, ...exemptions.leftOut],
  };
}

const labels = { "app.kubernetes.io/managed-by": "plinth" };

function policyName(rule: Rule, name: string): string {
  return `${name}-${rule.id.toLowerCase()}`;
}

function policyOf(rule: ObjectRule, name: string, options: AdmissionOptions): AdmissionObject {
  const places = placesOfRule(rule);
  const checks = rule.checks.flatMap((check) => quantifiedChecks(check, places));
  const words = new Set(checks.flatMap(({ holds, found }) => `${holds} ${found}`.match(/\w+/g) ?? []));
  const variables = [
    { name: "object", expression: "dyn(object)" },
    { name: "kind", expression: 'object.apiVersion + "/" + object.kind' },
    {
      name: "groupKind",
      expression: '(object.apiVersion.contains("/") ? object.apiVersion.split("/")[0] : "") + "/" + object.kind',
    },
    { name: "environment", expression: "params.spec.environment" },
    { name: "config", expression: `params.spec.rules.${rule.id}` },
    { name: "isCore", expression: `variables.kind in ${JSON.stringify(coreKinds(places))}` },
    ...podVariables(places, (field) => words.has(field)),
    ...imageVariables(places),
    ...checks.flatMap(({ holds, found }, at) => [
      { name: `holds${at}`, expression: holds },
      { name: `found${at}`, expression: found },
    ]),
  ];
  const validation = validationOf(rule, checks.length);
  const spec = {
    failurePolicy: options.failurePolicy ?? "Fail",
    paramKind: { apiVersion: `${group}/${version}`, kind: parametersKind },
    matchConstraints: { matchPolicy: "Equivalent", resourceRules: resourceRules(kindsOfRule(rule)) },
    matchConditions: matchConditions(rule, options),
    variables: usedVariables(variables, Object.values(validation)),
    validations: [validation],
  };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: policyName(rule, name), labels, annotations: annotations(rule, spec, options) },
    spec,
  };
}

/** Below the 5 KiB after which an API server drops a message (apiserver/pkg/apis/cel/config.go). */
const LONGEST_MESSAGE = 1000;

/**
 * One validation for all checks of a rule, each of which is a variable: for every expression of a validation and every kind
 * the type check of kube-controller-manager compiles all variables anew. A message has no line breaks: an API server drops
 * those that do.
 */
function validationOf({ id, statement }: ObjectRule, checks: number) {
  const numbers = Array.from({ length: checks }, (_, at) => at);
  const found = numbers.map((at) => `variables.holds${at} ? "" : variables.found${at}`);
  const whole = `[${found.join(", ")}].filter(s, s != "").join("; ").replace("\\n", " ")`;
  return {
    expression: numbers.map((at) => `variables.holds${at}`).join(" && "),
    messageExpression: `${JSON.stringify(`${id}: `)} + [${whole}].map(m, size(m) > ${LONGEST_MESSAGE} ? m.substring(0, ${LONGEST_MESSAGE}) + " ..." : m)[0]`,
    message: `${id}: ${statement}`,
  };
}

/** A policy says what it is of; the digest is of its spec, so that a policy that was changed by hand can be told. */
function annotations(rule: Rule, spec: object, options: AdmissionOptions): Readonly<Record<string, string>> {
  return {
    "plinth.dev/rule": rule.id,
    "plinth.dev/rule-name": rule.name,
    "plinth.dev/severity": rule.severity,
    "plinth.dev/source": rule.source,
    "plinth.dev/spec-sha256": createHash("sha256").update(JSON.stringify(spec)).digest("hex"),
    ...(options.version !== undefined && { "plinth.dev/version": options.version }),
  };
}

function bindingOf(rule: Rule, name: string, options: AdmissionOptions): AdmissionObject {
  const { validationActions = ["Deny"], denyFrom = "low", exemptNamespaces = exemptedNamespaces } = options;
  const isBelow = severities.indexOf(rule.severity) > severities.indexOf(denyFrom);
  const spec = {
    policyName: policyName(rule, name),
    paramRef: { name, parameterNotFoundAction: "Deny" },
    validationActions: isBelow && validationActions.includes("Deny") ? ["Warn", "Audit"] : validationActions,
    // In the binding and not in a parameter: the cluster's own pods must start even when the parameters are gone.
    matchResources: {
      matchPolicy: "Equivalent",
      ...(exemptNamespaces.length > 0 && {
        namespaceSelector: {
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: exemptNamespaces }],
        },
      }),
    },
  };
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: policyName(rule, name), labels, annotations: annotations(rule, spec, options) },
    spec,
  };
}

function matchConditions(rule: Rule, options: AdmissionOptions): readonly MatchCondition[] {
  return [
    // The last finalizer of an object that breaks a rule must be removable.
    { name: "not-being-deleted", expression: "!has(object.metadata.deletionTimestamp)" },
    { name: "not-by-a-controller", expression: "!(request.userInfo.username in params.spec.controllers)" },
    { name: "not-waived", expression: notWaived(rule.id) },
    ...(options.matchConditions ?? []),
  ];
}

function coreKinds(places: ReturnType<typeof placesOfRule>): readonly string[] {
  return places.filter(({ core }) => core).flatMap(kindNames);
}

/** The variables that the texts read, and those that these read, in their order. */
function usedVariables(all: readonly Variable[], texts: readonly string[]): readonly Variable[] {
  const read = new Set<string>();
  const see = (text: string) => {
    for (const [, name = ""] of text.matchAll(/\bvariables\.(\w+)/g)) read.add(name);
  };
  texts.forEach(see);
  return all
    .toReversed()
    .filter(({ name, expression }) => {
      if (read.has(name)) see(expression);
      return read.has(name);
    })
    .reverse();
}
