import type { ContainerPlace, KindPlaces, Names, PodPlace } from "../../rules/pods.js";

/**
 * CEL that finds the pods of an object where its kind keeps them, as `podsOf` does at preview. Optional fields (`?.`) are
 * used here and not in the texts of rules: only an API server reads this. The newest function is `flatten`, of which new
 * policies can make use since Kubernetes 1.35.
 * Source: https://kubernetes.io/docs/reference/using-api/cel/#cel-community-libraries
 */

/** The object without its schema: one text is for many kinds. */
const root = "variables.object";

/** What a pod and a container can set, where a custom resource offers only some fields: the last member of `fields`. */
export const settable = "settable";

const containerLists = ["containers", "initContainers", "ephemeralContainers"] as const;

/**
 * The fields of a pod's spec besides its containers.
 * Source: PodSpec in https://github.com/kubernetes/api/blob/v0.36.3/core/v1/types.go
 */
const POD_FIELDS: readonly string[] = [
  ...["activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy"],
  ...["enableServiceLinks", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostUsers", "hostname"],
  ...["hostnameOverride", "imagePullSecrets", "nodeName", "nodeSelector", "os", "overhead", "preemptionPolicy"],
  ...["priority", "priorityClassName", "readinessGates", "resourceClaims", "resources", "restartPolicy"],
  ...["runtimeClassName", "schedulerName", "schedulingGates", "schedulingGroup", "securityContext"],
  ...["serviceAccount", "serviceAccountName", "setHostnameAsFQDN", "shareProcessNamespace", "subdomain"],
  ...["terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints", "volumes", "workloadRef"],
];

/** A variable of a policy: its name and its CEL. */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/**
 * Variables that lead to `pods`, a list of the object's pods, `{ metadata?, spec }` each; empty for kinds that have none.
 * One place is one variable: the time in which an API server compiles a text grows with the square of its length.
 * @param reads what the rule reads, by the names of fields: only that is put together where a kind keeps it elsewhere
 */
export function podVariables(places: readonly KindPlaces[], reads: Reads): readonly Variable[] {
  return dispatched("pods", places, ({ pods = [] }) => pods.map((place) => podText(place, reads)));
}

/** Variables that lead to `images`, a list of the image names that stand outside containers. */
export function imageVariables(places: readonly KindPlaces[]): readonly Variable[] {
  return dispatched("images", places, ({ images = [], imageObjects = [] }) => [
    ...images.map((path) => valuesAt(path)),
    ...imageObjects.map(({ path, fields }) => imagesOfParts(valuesAt(path), fields)),
  ]);
}

export type Reads = (field: string) => boolean;

/** Whether one of the places is such that a check of this field can be about something that cannot be set there. */
export function canLack(places: readonly KindPlaces[], each: "pod" | "container", field: string): boolean {
  const pods = places.flatMap(({ pods = [] }) => pods);
  const restricted = each === "pod" ? pods : pods.flatMap(({ containers = [] }) => containers);
  return restricted.some((place) => place.fields && !settableFields(each, place.fields).includes(field));
}

/** The lists of each kind; kinds that keep everything in the same places share variables. */
function dispatched(
  name: string,
  places: readonly KindPlaces[],
  textsOf: (place: KindPlaces) => readonly string[],
): readonly Variable[] {
  const kinds = new Map<string, { names: string[]; texts: readonly string[]; kind: string }>();
  for (const place of places) {
    const texts = textsOf(place);
    if (texts.length === 0) continue;
    const { names, ...same } = kinds.get(texts.join()) ?? { names: [], texts, kind: place.kind };
    kinds.set(texts.join(), { ...same, names: [...names, ...kindNames(place)] });
  }
  const parts = [...kinds.values()].map(({ kind, names, texts }, at) => ({
    names,
    variables: texts.map((expression, index) => ({ name: `${name}Of${kind}${at}_${index}`, expression })),
  }));
  const branches = parts.map(
    ({ names, variables }) =>
      `variables.kind in ${JSON.stringify(names)} ? ${variables.map((each) => `variables.${each.name}`).join(" + ")} : `,
  );
  return [...parts.flatMap(({ variables }) => variables), { name, expression: `${branches.join("")}[]` }];
}

/** `apps/v1/Deployment`, `v1/Pod`: `variables.kind`. */
export function kindNames({ group, versions, kind }: KindPlaces): readonly string[] {
  return versions.map((version) => `${group === "" ? "" : `${group}/`}${version}/${kind}`);
}

function concatenated(lists: readonly string[]): string {
  return lists.length === 0 ? "[]" : lists.map((list) => `(${list})`).join(" + ");
}

interface Elements {
  /** CEL of type list: what the wildcards of the path stand for. */
  readonly list: string;
  /** The part of the path with all wildcards, to find other paths beside it. */
  readonly prefix: string;
}

function elementsOf(path: string): Elements {
  const end = Math.max(path.lastIndexOf("[*]"), path.lastIndexOf("{*}")) + 3;
  if (end < 3) return { list: `[${root}]`, prefix: "" };
  const segments = path.slice(0, end).match(/[^.[{]+|\[\*\]|\{\*\}/g) ?? [];
  let list = "";
  let fields: string[] = [];
  for (const segment of segments) {
    if (!/[*]/.test(segment)) {
      fields = [...fields, segment];
      continue;
    }
    const entries = (of: string) => {
      const there = optional(of, fields);
      return segment === "[*]" ? orEmpty(there, "[]") : `[${orEmpty(there, "{}")}].map(m, m.map(k, m[k]))[0]`;
    };
    // The list of an item without fields on the way is that item.
    list = list === "" ? entries(root) : `${list}.map(e, dyn(${fields.length === 0 ? "e" : entries("e")})).flatten()`;
    fields = [];
  }
  return { list, prefix: path.slice(0, end) };
}

/** The path below an element, as fields. */
function below(path: string, { prefix }: Elements): string[] {
  return path
    .slice(prefix.length)
    .split(".")
    .filter((field) => field !== "");
}

/** CEL of an optional value. */
function optional(of: string, fields: readonly string[]): string {
  return fields.length === 0 ? `optional.of(${of})` : `${of}${fields.map((field) => `.?${field}`).join("")}`;
}

function orEmpty(optionalText: string, empty: string): string {
  return `${optionalText}.orValue(${empty})`;
}

/** CEL of type list: every value at a path with wildcards. */
function valuesAt(path: string): string {
  const elements = elementsOf(path);
  const fields = below(path, elements);
  if (fields.length === 0) return elements.list;
  const at = optional("e", fields);
  return `${elements.list}.filter(e, ${at}.hasValue()).map(e, ${at}.value())`;
}

function podText(place: PodPlace, reads: Reads): string {
  const elements = elementsOf(place.spec);
  const spec = below(place.spec, elements);
  const found = `${elements.list}.filter(e, ${optional("e", spec)}.hasValue())`;
  const made = `${found}.map(e, ${map([...metadataEntries(place, elements, reads), ...specEntries(place, spec, reads)])})`;
  // Settings alone make no pod: there is one where there is a container.
  const isMade = place.lists?.length === 0;
  return isMade ? `${made}.filter(p, has(p.spec.containers) || has(p.spec.initContainers))` : made;
}

type Entry = readonly [key: string, value: string];

function map(entries: readonly Entry[]): string {
  return `{${entries.map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
}

const key = (name: string): string => JSON.stringify(name);
const maybe = (name: string): string => `?${key(name)}`;

function metadataEntries(place: PodPlace, elements: Elements, reads: Reads): Entry[] {
  const { metadata, metadataAround = [], labels, annotations } = place;
  // A path that is not below the element is one of the whole object.
  const at = (path: string, ...more: readonly string[]) =>
    path.startsWith(elements.prefix)
      ? optional("e", [...below(path, elements), ...more])
      : optional(root, [...path.split("."), ...more]);
  if (metadata !== undefined && metadataAround.length === 0) return [[maybe("metadata"), at(metadata)]];
  const parts: Entry[] =
    metadata !== undefined
      ? ["labels", "annotations"].filter(reads).map((field) => {
          const maps = [metadata, ...metadataAround].map((path) => at(path, field));
          return [maybe(field), `optional.ofNonZeroValue(${merged(maps)})`] as const;
        })
      : [
          ...(labels === undefined ? [] : [[maybe("labels"), at(labels)] as const]),
          ...(annotations === undefined ? [] : [[maybe("annotations"), at(annotations)] as const]),
        ];
  return parts.length === 0 ? [] : [[key("metadata"), `dyn(${map(parts)})`]];
}

/** CEL of type map: optional maps as one, of which the first has the last word. */
function merged(maps: readonly string[]): string {
  const there = `[${maps.join(", ")}].filter(m, m.hasValue()).map(m, m.value())`;
  const keys = "ms.map(m, m.map(k, k)).flatten().distinct()";
  return `dyn([${there}].map(ms, ${keys}.transformMapEntry(i, k, {k: ms.filter(m, k in m)[0][k]}))[0])`;
}

function specEntries(place: PodPlace, spec: readonly string[], reads: Reads): Entry[] {
  const { containers = [], fields, names = {}, around = [] } = place;
  const value = spec.length === 0 ? "e" : `e.${spec.join(".")}`;
  if (containers.length === 0 && !fields) return [[key("spec"), value]];
  const elsewhere = new Set<string>(containers.map(({ list }) => list));
  const all = fields ?? [...POD_FIELDS, ...containerLists.filter((list) => !elsewhere.has(list))];
  const settings = all.filter(reads).map((field): Entry => {
    const name = names[field] ?? field;
    const others = around.map((path) => `.or(${optional(root, [...path.split("."), name])})`);
    return [maybe(field), `${value}.?${name}${others.join("")}`];
  });
  const lists = [...elsewhere].map((list): Entry => {
    const own = (place.lists ?? containerLists).some((each) => each === list) ? [`${value}.?${list}.orValue([])`] : [];
    const singles = containers.filter((each) => each.list === list).map((each) => containersText(value, each, reads));
    return [maybe(list), `optional.ofNonZeroValue(dyn(${concatenated([...own, ...singles])}))`];
  });
  return [
    [key("spec"), `dyn(${map([...settings, ...lists])})`],
    ...(fields && reads(settable)
      ? [[key(settable), `dyn(${JSON.stringify(settableFields("pod", fields))})`] as const]
      : []),
  ];
}

/** Names and images can always be set, and a pod always has containers. */
function settableFields(each: "pod" | "container", fields: readonly string[]): readonly string[] {
  return [...(each === "pod" ? ["containers", "initContainers"] : ["name", "image"]), ...fields];
}

/** CEL of type list: the containers at one place below a spec. */
function containersText(spec: string, { path, fields, names = {} }: ContainerPlace, reads: Reads): string {
  const isList = path.endsWith("[*]");
  const at = path.replace("[*]", "").split(".").filter(Boolean);
  const found = isList
    ? orEmpty(optional(spec, at), "[]")
    : at.length === 0
      ? `[${spec}]`
      : `[${optional(spec, at)}].filter(c, c.hasValue()).map(c, c.value())`;
  return fields ? `${found}.map(c, ${containerText(fields, names, reads)})` : found;
}

function containerText(fields: readonly string[], names: Names, reads: Reads): string {
  const entries = ["name", "image", ...fields]
    .filter(reads)
    .map((field): Entry => [maybe(field), `c.?${names[field] ?? field}`]);
  if (!reads(settable)) return map(entries);
  return map([...entries, [key(settable), `dyn(${JSON.stringify(settableFields("container", fields))})`]]);
}

/** `repository/image:tag`, or `@sha256:…` when the version is a digest; nothing without a name. */
function imagesOfParts(objects: string, fields: readonly string[]): string {
  const part = (name: string) => (fields.includes(name) ? `string(i.?${name}.orValue(""))` : '""');
  const name = `[${part("repository")}, ${part("image")}].filter(n, n != "").join("/")`;
  const version = `([${["digest", "version", "tag"].map(part).join(", ")}].filter(v, v != "") + [""])[0]`;
  const whole = `[${version}].map(v, ${name} + (v == "" ? "" : (v.startsWith("sha256:") ? "@" : ":") + v))[0]`;
  return `${objects}.filter(i, ${name} != "").map(i, ${whole})`;
}
