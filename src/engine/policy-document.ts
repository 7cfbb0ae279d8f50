import { createHash } from "node:crypto";
import { isObject, type Wire, type WireObject } from "./wire.js";

/**
 * `aws.iam.getPolicyDocument`: pure, so it needs no AWS. Written as the Terraform provider writes it: version
 * 2012-10-17, one-element lists as strings, longer lists sorted descending, two-space JSON.
 * Source: terraform-provider-aws internal/service/iam/policy_document_data_source.go and policy_model.go.
 */
export function policyDocument(args: WireObject): WireObject {
  const statements = [
    ...list(args.sourcePolicyDocuments).flatMap((text) => statementsOf(text)),
    ...list(args.statements).flatMap((item) => (isObject(item) ? [statement(item)] : [])),
  ];
  const merged = override(
    statements,
    list(args.overridePolicyDocuments).flatMap((text) => statementsOf(text)),
  );
  const document = {
    Version: typeof args.version === "string" ? args.version : "2012-10-17",
    ...(typeof args.policyId === "string" && args.policyId !== "" ? { Id: args.policyId } : {}),
    ...(merged.length > 0 ? { Statement: merged } : {}),
  };
  const json = JSON.stringify(document, null, 2);
  // The provider's id is Terraform's CRC-32 of the text; any stable number serves.
  const id = String(createHash("sha256").update(json).digest().readUInt32BE(0));
  return { ...args, id, json, minifiedJson: JSON.stringify(document) };
}

type Statement = { readonly [key: string]: Wire };

function statement(item: WireObject): Statement {
  const fields: [string, Wire | undefined][] = [
    ["Sid", typeof item.sid === "string" && item.sid !== "" ? item.sid : undefined],
    ["Effect", item.effect ?? "Allow"],
    ["Action", several(item.actions)],
    ["NotAction", several(item.notActions)],
    ["Resource", several(item.resources)],
    ["NotResource", several(item.notResources)],
    ["Principal", principals(item.principals)],
    ["NotPrincipal", principals(item.notPrincipals)],
    ["Condition", conditions(item.conditions)],
  ];
  return Object.fromEntries(fields.filter((field): field is [string, Wire] => field[1] !== undefined));
}

function principals(value: Wire | undefined): Wire | undefined {
  const groups = list(value).filter(isObject);
  if (groups.length === 0) return undefined;
  const [first] = groups;
  if (groups.length === 1 && first!.type === "*" && list(first!.identifiers).join() === "*") return "*";
  const types = [...new Set(groups.map((group) => String(group.type)))].sort();
  return Object.fromEntries(
    types.map((type) => [
      type,
      several(groups.filter((group) => group.type === type).flatMap((group) => list(group.identifiers)))!,
    ]),
  );
}

function conditions(value: Wire | undefined): Wire | undefined {
  const items = list(value).filter(isObject);
  if (items.length === 0) return undefined;
  const tests = [...new Set(items.map((item) => String(item.test)))].sort();
  return Object.fromEntries(
    tests.map((test) => [
      test,
      Object.fromEntries(
        items
          .filter((item) => item.test === test)
          .sort((a, b) => (String(a.variable) < String(b.variable) ? -1 : 1))
          // Values of a condition keep their order.
          .map((item) => [String(item.variable), one(list(item.values))]),
      ),
    ]),
  );
}

function override(base: readonly Statement[], over: readonly Statement[]): readonly Statement[] {
  const replaced = base.map((item) => over.find((other) => hasSid(other) && other.Sid === item.Sid) ?? item);
  const added = over.filter((item) => !hasSid(item) || !base.some((other) => other.Sid === item.Sid));
  return [...replaced, ...added];
}

const hasSid = (item: Statement): boolean => typeof item.Sid === "string" && item.Sid !== "";

function statementsOf(text: Wire): Statement[] {
  const found =
    typeof text === "string" && text !== ""
      ? (JSON.parse(text) as { Statement?: Statement | Statement[] }).Statement
      : [];
  return [found ?? []].flat();
}

const list = (value: Wire | undefined): readonly Wire[] => (Array.isArray(value) ? value : []);
const one = (values: readonly Wire[]): Wire => (values.length === 1 ? values[0]! : values);
function several(value: Wire | undefined | readonly Wire[]): Wire | undefined {
  const values = list(value as Wire);
  return values.length === 0 ? undefined : one([...values].sort((a, b) => (String(a) < String(b) ? 1 : -1)));
}
