/**
 * The form in which the two engines are compared: plain JSON, one entry for each resource, with everything a graph
 * node says except what `NOT_COMPARED` names.
 */
export interface Comparable {
  readonly [urn: string]: ComparableResource;
}

export interface ComparableResource {
  readonly type: string;
  readonly name: string;
  /** A component of a plugin is a component. */
  readonly kind: "stack" | "component" | "custom" | "provider" | "read";
  readonly parent: string;
  readonly provider: string;
  readonly inputs: Plain;
  readonly outputs: Plain;
  readonly options: Plain;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: { readonly [property: string]: readonly string[] };
}

export type Json = null | boolean | number | string | readonly Json[] | Plain;
export interface Plain {
  readonly [key: string]: Json;
}

/** Fields of a graph node that are compared; those of its options all are, but for the ones below. */
export const COMPARED: readonly string[] = [
  "urn",
  "type",
  "name",
  "kind",
  "parent",
  "provider",
  "inputs",
  "outputs",
  "options",
  "dependencies",
  "propertyDependencies",
];

/** What a graph node has and the comparison leaves out, and why. */
export const NOT_COMPARED: Readonly<Record<string, string>> = {
  source: "The engine records positions by another rule (any frame of any file); unit tests hold ours.",
  generated: "Only ours: it names the values that are compared by their form instead of their random suffix.",
  opaque: "Only ours: it says that children are missing, which the list of differences names.",
  "options.providers":
    "The engine does not record the providers of a component; the provider of each resource below it is compared.",
};

/** Marks of special values. A program that uses these texts itself is not among ours. */
export const UNKNOWN: Json = { $: "unknown" };
export const secretOf = (value: Json): Json => ({ $: "secret", value });
export const referenceTo = (urn: string): Json => ({ $: "resource", urn });
export const assetAt = (kind: string, at: string): Json => ({ $: "asset", kind, at });

export const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Sets: sorted, each once. */
export const asSet = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

/** Only the properties that depend on something. */
export function propertySets(
  dependencies: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  const entries = Object.entries(dependencies).filter(([, urns]) => urns.length > 0);
  return Object.fromEntries(entries.map(([property, urns]) => [property, asSet(urns)]));
}

/** A value without secrets' marks, as a secret is looked up: what is unknown in it is left out, or null in a list. */
export function withheld(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => (isUnknown(item) ? null : withheld(item)));
  if (!isPlain(value)) return value;
  if (value.$ === "secret") return withheld(value.value ?? null);
  const known = Object.entries(value).filter(([, item]) => !isUnknown(item));
  return Object.fromEntries(known.map(([key, item]) => [key, withheld(item)]));
}

export const isUnknown = (value: Json): boolean =>
  isPlain(value) && (value.$ === "unknown" || (value.$ === "secret" && isUnknown(value.value ?? null)));
