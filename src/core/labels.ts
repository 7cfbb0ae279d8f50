import { MAX_LABEL_LENGTH, stableHash } from "./names.js";

/** What the labels of one object say about it. */
export interface LabelFacts {
  /** The kind of thing that made the object, e.g. `inference-endpoint`. */
  readonly noun: string;
  /** The name the user gave that thing. */
  readonly name: string;
  /** The part it plays there, e.g. `server`. @default no label */
  readonly component?: string | undefined;
  /** The version it runs, e.g. a model version. Never in a selector: it changes. @default no label */
  readonly version?: string | undefined;
  /** The larger application. @default the user's name of the noun */
  readonly partOf?: string | undefined;
  /** The platform's tags; each becomes a label with the characters and length that Kubernetes allows. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export type Labels = Record<string, string>;

/**
 * The labels of an object: Kubernetes' recommended set
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/) over the platform's tags.
 */
export function standardLabels(facts: LabelFacts): Labels {
  return {
    ...labelsFromTags(facts.tags ?? {}),
    ...selectorLabels(facts),
    ...(facts.component !== undefined && { "app.kubernetes.io/component": labelValue(facts.component) }),
    ...(facts.version !== undefined && { "app.kubernetes.io/version": labelValue(facts.version) }),
    "app.kubernetes.io/part-of": labelValue(facts.partOf ?? facts.name),
    "app.kubernetes.io/managed-by": "plinth",
  };
}

/** The two labels that never change in an object's life, for selectors, which Kubernetes does not let change. */
export function selectorLabels(facts: Pick<LabelFacts, "noun" | "name">): Labels {
  return {
    "app.kubernetes.io/name": labelValue(facts.noun),
    "app.kubernetes.io/instance": labelValue(facts.name),
  };
}

/** Cloud tags as labels. A key or value that Kubernetes would refuse is mended; what had to be cut ends in a stable hash. */
export function labelsFromTags(tags: Readonly<Record<string, string>>): Labels {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [labelKey(key), labelValue(value)]));
}

/** The text as a label value: other characters than letters, digits, `-`, `_` and `.` become `-`; at most 63 characters. */
export function labelValue(text: string): string {
  return labelText(text);
}

/** The text as a label key. A valid DNS prefix before the first `/` is kept; any other `/` becomes `-`. */
export function labelKey(text: string): string {
  const slash = text.indexOf("/");
  const prefix = text.slice(0, Math.max(slash, 0));
  if (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix))
    return `${prefix}/${labelText(text.slice(slash + 1)) || "tag"}`;
  return labelText(text) || "tag";
}

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function labelText(text: string): string {
  const clean = trimmed(text.replace(/[^A-Za-z0-9_.-]+/g, "-"));
  if (clean.length <= MAX_LABEL_LENGTH) return clean;
  return `${trimmed(clean.slice(0, MAX_LABEL_LENGTH - 9))}-${stableHash(text)}`;
}

function trimmed(text: string): string {
  return text.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}
