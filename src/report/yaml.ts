import { Document, type Scalar, visit } from "yaml";
import { compareText } from "../graph/assemble.js";
import { clean, describePlace, nodesByUrn, title } from "../graph/describe.js";
import { isPatch, type KubernetesObject, kubernetesObject } from "../graph/kubernetes.js";
import type { GraphRun, Properties, ResourceGraph, ResourceNode, Value } from "../graph/model.js";
import { isPlainObject, isSecret, leaves, secretPlace, unknownPlace } from "../graph/values.js";
import { applyRank } from "./order.js";

/** One Kubernetes object as YAML. */
export interface ObjectYaml {
  readonly node: ResourceNode;
  readonly object: KubernetesObject;
  readonly rank: number;
  /** Comments, then the object; ends with a newline, has no document marker. */
  readonly text: string;
  /** Paths that hold a placeholder because the value is made at deployment, with what makes it. */
  readonly unknown: readonly { readonly path: string; readonly maker: string }[];
  /** Paths whose secret value is not in the text. */
  readonly withheld: readonly string[];
}

export interface YamlOptions {
  /** The values to write in place of secrets; absent, they are withheld. */
  readonly secrets?: GraphRun["secrets"];
}

/**
 * The Kubernetes objects of the graph in the order in which they can be applied. What already exists, what a chart
 * would make and patches of other people's objects are not among them (see `notRendered`).
 */
export function objectYamls(graph: ResourceGraph, options: YamlOptions = {}): ObjectYaml[] {
  const byUrn = nodesByUrn(graph);
  return graph.nodes
    .flatMap((node) => {
      const object = node.kind === "custom" ? kubernetesObject(node) : undefined;
      return object ? [objectYaml(node, object, byUrn, options)] : [];
    })
    .sort((a, b) => a.rank - b.rank || compareText(sortName(a), sortName(b)));
}

/** All objects as one text of several documents, which `kubectl apply -f -` reads. */
export function yamlReport(objects: readonly ObjectYaml[]): string {
  return objects.map(({ text }) => text).join("---\n");
}

/** Titles of Kubernetes resources that have no YAML of their own, sorted. */
export function notRendered(graph: ResourceGraph): string[] {
  return graph.nodes
    .filter((node) => node.type.startsWith("kubernetes:") && (node.opaque === true || isPatch(node)))
    .map(title)
    .sort(compareText);
}

function objectYaml(
  node: ResourceNode,
  object: KubernetesObject,
  byUrn: ReadonlyMap<string, ResourceNode>,
  { secrets }: YamlOptions,
): ObjectYaml {
  const inputs = secrets ? (reveal(node.inputs, secrets) as Properties) : node.inputs;
  const marked = [...leaves(inputs)];
  const unknown = marked.flatMap(({ path, value }) => {
    const place = unknownPlace(value);
    return place === undefined ? [] : [{ path, maker: describePlace(place, byUrn) }];
  });
  if (!hasName(inputs.metadata)) unknown.push({ path: "metadata.name", maker: "the provider gives the name" });
  const withheld = marked
    .filter(({ value }) => isSecret(value) && unknownPlace(value) === undefined)
    .map(({ path }) => path);
  const {
    apiVersion: _apiVersion,
    kind: _kind,
    metadata,
    ...rest
  } = object.kind === "Secret" ? knownData(inputs) : inputs;
  const { spec, ...others } = rest;
  const ordered = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(metadata !== undefined && { metadata: isPlainObject(metadata) ? namesFirst(metadata) : metadata }),
    ...(spec !== undefined && { spec }),
    ...others,
  };
  const comments = [
    ...section(
      "Known after deployment; the placeholders below are not values:",
      unknown.map(({ path, maker }) => `${path}: ${maker}`),
    ),
    ...section("Secret values are withheld (plinth render --show-secrets writes them):", withheld),
  ];
  return {
    node,
    object,
    rank: applyRank(object.kind),
    text: comments.join("") + stringifyYaml(placeholders(ordered, byUrn)),
    unknown,
    withheld,
  };
}

/** YAML that a reader of YAML 1.1 (kubectl) and one of 1.2 understand alike. */
export function stringifyYaml(value: unknown): string {
  const document = new Document(value, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, scalar: Scalar) => {
      // Octal numbers of YAML 1.2, the merge key and the default-value mark, which the library leaves plain.
      if (typeof scalar.value === "string" && /^([-+]?0o[0-7]+|<<|=)$/.test(scalar.value)) scalar.type = "QUOTE_DOUBLE";
    },
  });
  return document.toString({ lineWidth: 0, directives: false });
}

/**
 * A Secret without the values that are not there: a placeholder would be refused by the API server or, worse, replace
 * the real value in the cluster.
 */
function knownData(inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([field, value]) => {
      if (field !== "data" && field !== "stringData") return [[field, value]];
      const known = Object.entries(isPlainObject(value) ? value : {}).filter(([, item]) => typeof item === "string");
      return known.length > 0 ? [[field, Object.fromEntries(known)]] : [];
    }),
  );
}

/** False when the provider makes up the name at deployment: it cannot before it knows its cluster. */
function hasName(metadata: Value | undefined): boolean {
  if (!isPlainObject(metadata)) return metadata !== undefined && metadata !== null;
  return metadata.name !== undefined || metadata.generateName !== undefined;
}

function namesFirst({ name, namespace, labels, annotations, ...rest }: Properties): Properties {
  return {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    ...rest,
  };
}

function reveal(value: Value, secrets: GraphRun["secrets"]): Value {
  const place = secretPlace(value);
  // A secret that is not in the map stays withheld.
  if (place !== undefined) return secrets.has(place) ? (secrets.get(place) as Value) : value;
  if (Array.isArray(value)) return value.map((item) => reveal(item, secrets));
  return isPlainObject(value) ? mapFields(value, (item) => reveal(item, secrets)) : value;
}

function placeholders(value: Value, byUrn: ReadonlyMap<string, ResourceNode>): Value {
  if (Array.isArray(value)) return value.map((item) => placeholders(item, byUrn));
  if (typeof value !== "object" || value === null) return value;
  if (isPlainObject(value)) return mapFields(value, (item) => placeholders(item, byUrn));
  const unknown = unknownPlace(value);
  if (unknown !== undefined) return `<unknown: ${describePlace(unknown, byUrn)}>`;
  if (isSecret(value)) return "<secret: withheld>";
  if ("$resource" in value) return `<resource: ${describePlace(String(value.$resource), byUrn)}>`;
  return "<file>";
}

function mapFields(object: Properties, change: (value: Value) => Value): Properties {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`# ${title}\n`, ...lines.map((line) => `#   ${clean(line)}\n`)];
}

function sortName({ object, node }: ObjectYaml): string {
  return [object.kind, object.namespace ?? "", object.name ?? node.name, node.urn].join("\u0000");
}
