import type { ResourceNode, Value } from "../graph/model.js";
import { isPlainObject, joinPath } from "../graph/values.js";
import { told } from "./outcomes.js";
import type { GraphOutcome } from "./rule.js";
import { given, read, type Truth, undecidedBy } from "./truth.js";

export type Keys = readonly (string | number)[];

/** A list of keys as a path: `rules[0].expiration.days`. */
export function pathOf(keys: Keys): string {
  return keys.reduce<string>((path, key) => (typeof key === "number" ? `${path}[${key}]` : joinPath(path, key)), "");
}

/** What a rule says of one input of a resource; the test gets undefined for an input that is absent. */
export function demand(
  node: ResourceNode,
  keys: Keys,
  test: (value: Value | undefined) => Truth,
  message: (found: string) => string,
): readonly GraphOutcome[] {
  const value = read(node.inputs, keys);
  return told(node, pathOf(keys), given(value, test), message(`${pathOf(keys)} is ${describe(value)}`));
}

/** What a rule says of an input that must be set; one that is known only after deployment is. */
export function demandSet(node: ResourceNode, keys: Keys): readonly GraphOutcome[] {
  const value = read(node.inputs, keys);
  const isSet = value !== undefined && value !== null && value !== "";
  return told(node, pathOf(keys), isSet, `${pathOf(keys)} is not set`);
}

/** How a message names a value that is not a secret. */
export function describe(value: Value | undefined): string {
  if (value === undefined || value === null) return "not set";
  if (undecidedBy(value)) return "not known";
  return typeof value === "object" ? (Array.isArray(value) ? "a list" : "an object") : JSON.stringify(value);
}

/**
 * Whether an input of one resource names another one: it comes from it, or both are the same known text. A name that
 * the provider makes up at deployment equals no text that is known before.
 *
 * @param key - the input that names, such as `bucket`
 * @param name - the input of the other resource that is its name
 */
export function refersTo(node: ResourceNode, key: string, target: ResourceNode, name: string): Truth {
  const value = node.inputs[key];
  const open = undecidedBy(value);
  const origins = node.propertyDependencies[key] ?? [];
  if (origins.includes(target.urn) || open?.undecided.startsWith(`${target.urn}.`)) return true;
  if (open === undefined) return typeof value === "string" && given(target.inputs[name], (known) => known === value);
  const isOfAnother = [...origins, open.undecided].some((urn) => typeOf(urn) === target.type);
  return isOfAnother ? false : open;
}

/** The type in a URN, or in a place that begins with one: `urn:pulumi:stack::project::parent$type::name`. */
function typeOf(urn: string): string | undefined {
  return urn.split("::")[2]?.split("$").at(-1);
}

/** The items of a list of inputs, with their place in it; none when it is absent or unknown. */
export function entriesOf(list: Value | undefined): readonly { readonly item: Value; readonly index: number }[] {
  return Array.isArray(list) ? (list as readonly Value[]).map((item, index) => ({ item, index })) : [];
}

/** The items of a value that may be one item or a list of them, as policy documents have it. */
export function oneOrMany(value: Value | undefined): readonly Value[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Value[]) : [value];
}

/**
 * A policy document that is written as JSON text or as an object; the marker of an unknown one. Undefined when it is
 * absent or no JSON: the cloud refuses that.
 */
export function policyDocument(value: Value | undefined): Value | undefined {
  if (undecidedBy(value) || isPlainObject(value)) return value;
  if (typeof value !== "string") return undefined;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return undefined;
  }
}
