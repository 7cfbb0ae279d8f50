import type { GraphRun, NodeOptions, Properties, ResourceNode, Value } from "../../../src/graph/model.js";
import {
  asSet,
  assetAt,
  type Comparable,
  type ComparableResource,
  isPlain,
  type Json,
  type Plain,
  propertySets,
  referenceTo,
  secretOf,
  UNKNOWN,
} from "./comparable.js";
import { fromSecret, fromWire, pathFrom } from "./wire.js";

/** What the embedded engine saw. @param program the folder the program ran in */
export function fromGraph({ graph, secrets }: GraphRun, program: string): Comparable {
  const value = (part: Value): Json => toJson(part, secrets, program);
  return Object.fromEntries(graph.nodes.map((node) => [node.urn, toResource(node, value)]));
}

function toResource(node: ResourceNode, value: (part: Value) => Json): ComparableResource {
  const properties = (from: Properties): Plain =>
    Object.fromEntries(Object.entries(from).map(([key, item]) => [key, value(item)]));
  const { replacementTrigger, providers: _, ...options }: NodeOptions = node.options;
  return {
    type: node.type,
    name: node.name,
    kind: node.kind === "remote" ? "component" : node.kind,
    parent: node.parent ?? "",
    provider: node.provider ?? "",
    inputs: properties(node.inputs),
    outputs: properties(node.outputs ?? {}),
    options: {
      ...(options as unknown as Plain),
      ...(replacementTrigger === undefined ? {} : { replacementTrigger: value(replacementTrigger) }),
    },
    dependencies: asSet(node.dependencies),
    propertyDependencies: propertySets(node.propertyDependencies),
  };
}

function toJson(value: Value, secrets: GraphRun["secrets"], program: string): Json {
  if (Array.isArray(value)) return value.map((item: Value) => toJson(item, secrets, program));
  if (!isPlain(value)) return value as Json;
  if ("$unknown" in value) return UNKNOWN;
  if ("$resource" in value) return referenceTo(String(value.$resource));
  if (isPlain(value.$asset)) return assetAt(String(value.$asset.kind), pathOf(value.$asset, program));
  if (typeof value.$secret === "string") return fromSecret(fromWire(secrets.get(value.$secret), program));
  if ("$secret" in value) return secretOf(UNKNOWN);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item as Value, secrets, program)]));
}

const pathOf = ({ kind, at }: Plain, program: string): string =>
  kind === "file" || (kind === "archive" && !String(at).startsWith("sha256:"))
    ? pathFrom(String(at), program)
    : String(at);
