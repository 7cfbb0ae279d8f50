import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { entriesOf, type Keys, oneOrMany, pathOf, policyDocument } from "../cloud.js";
import { told } from "../outcomes.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { both, given, is, read, same, some, type Truth } from "../truth.js";

/** Services whose `service:*` is everything one can do to models, features and endpoints. */
const WHOLE_SERVICES = ["s3", "dynamodb", "sagemaker"] as const;

/**
 * Actions that change what is stored, by their first word.
 * Source (2026-08): https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html,
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html.
 */
const WRITES =
  /^(s3|dynamodb):(abort|batchwrite|create|delete|import|partiql(insert|update|delete)|put|replicate|restore|update)/i;

/** Roles of Google Cloud that reach every bucket or everything. https://cloud.google.com/iam/docs/roles-overview (2026-08). */
export const BROAD_ROLES = ["roles/owner", "roles/editor", "roles/storage.admin"] as const;

/** Where a resource of AWS IAM keeps policy documents. */
function documentsOf(node: ResourceNode): readonly Keys[] {
  if (!/^aws:iam\/role:/.test(node.type)) return [["policy"]];
  return entriesOf(node.inputs.inlinePolicies).map(({ index }) => ["inlinePolicies", index, "policy"]);
}

function isWholeService(action: Value): Truth {
  return given(
    action,
    (name) =>
      typeof name === "string" &&
      (name === "*" || WHOLE_SERVICES.some((service) => name.toLowerCase() === `${service}:*`)),
  );
}

/** The faults of one statement: at its actions, or else at its resources. */
function statementFaults(node: ResourceNode, keys: Keys, statement: Value): readonly GraphOutcome[] {
  const allows = is(read(statement, ["Effect"]), "Allow");
  const actions = read(statement, ["Action"]);
  const isWide = both(
    allows,
    given(actions, (known) => some(oneOrMany(known), isWholeService)),
  );
  const everywhere = given(read(statement, ["Resource"]), (known) => some(oneOrMany(known), (each) => same(each, "*")));
  const writes = given(actions, (known) =>
    some(oneOrMany(known), (action) => given(action, (name) => typeof name === "string" && WRITES.test(name))),
  );
  const wide = fault(
    node,
    [...keys, "Action"],
    isWide,
    "the statement allows every action of a service; allowed are the actions that are needed",
  );
  if (wide.some(({ verdict }) => verdict === "violation")) return wide;
  return [
    ...wide,
    ...fault(
      node,
      [...keys, "Resource"],
      both(allows, everywhere, writes),
      "the statement allows writing to every resource; allowed are the resources that are meant",
    ),
  ];
}

function fault(node: ResourceNode, keys: Keys, isFault: Truth, message: string): readonly GraphOutcome[] {
  return told(node, pathOf(keys), typeof isFault === "boolean" ? !isFault : isFault, message);
}

function documentFaults(node: ResourceNode, keys: Keys): readonly GraphOutcome[] {
  const document = policyDocument(read(node.inputs, keys));
  const statements = given(document, () => true);
  if (statements !== true) return told(node, pathOf(keys), statements, "");
  const list = read(document, ["Statement"]);
  const places = Array.isArray(list)
    ? entriesOf(list).map(({ item, index }) => ({ item, at: [...keys, "Statement", index] }))
    : oneOrMany(list).map((item) => ({ item, at: [...keys, "Statement"] }));
  return places.flatMap(({ item, at }) => statementFaults(node, at, item));
}

const policy = (actions: string): string => `apiVersion: plinth.dev/test
kind: aws:iam/policy:Policy
metadata: { name: server }
spec:
  policy: |
    { "Version": "2012-10-17", "Statement": [
      { "Effect": "Allow", "Action": ${actions}, "Resource": "arn:aws:s3:::models/*" } ] }
`;

/** SEC003: nobody may do everything to models and data. */
export const leastPrivilege = defineGraphRule({
  id: "SEC003",
  name: "least-privilege",
  pack: "security",
  severity: "high",
  statement: "Policies allow single actions on named resources.",
  why: "Whoever may write everywhere may replace a model or its training data, and no review of the program shows who can.",
  source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
  semantics:
    "In the policies of aws:iam (Policy, RolePolicy, UserPolicy, GroupPolicy, inlinePolicies of a Role), written as JSON or as an object, no statement with Effect Allow has the Action *, s3:*, dynamodb:* or sagemaker:*, and none has the Resource * together with an action of s3 or dynamodb that writes. In Google Cloud no IAM member or binding of any resource has a role of `roles`. Managed policies, NotAction and conditions are not looked at. A document that is unknown before deployment is undecided.",
  parameters: z.strictObject({
    roles: z
      .array(z.string().min(1))
      .default([...BROAD_ROLES])
      .describe("Roles of Google Cloud that nobody is given."),
  }),
  bad: policy('"s3:*"'),
  good: policy('["s3:GetObject"]'),
  check: (view, { roles }) => [
    ...view
      .ofType(
        /^aws:iam\/(policy:Policy|rolePolicy:RolePolicy|userPolicy:UserPolicy|groupPolicy:GroupPolicy|role:Role)$/,
      )
      .flatMap((node) => documentsOf(node).flatMap((keys) => documentFaults(node, keys))),
    ...view.ofType(/^gcp:[^:]+:\w*iam(Member|Binding)$/i).flatMap((node) =>
      told(
        node,
        "role",
        given(node.inputs.role, (role) => !roles.some((broad) => broad === role)),
        `the role is ${JSON.stringify(node.inputs.role)}; allowed is a role for what is needed`,
      ),
    ),
  ],
});
