import { kubernetesObject } from "../graph/kubernetes.js";
import type { ResourceNode, Value } from "../graph/model.js";

import { type Container, type ContainerList, imagesOf, type Names, type Pod, podsOf } from "../rules/pods.js";
import type { Subject } from "../rules/rule.js";
import { type Cell, type CelMap, converter, type Variables } from "./cel/index.js";

/** One thing that a check is asked about. */
export interface JudgedSubject {
  /** What the text calls by name: `object`, `pod`, `container`, `image`. */
  readonly variables: Variables;
  readonly value: Cell;
  /** Of a container: the name that `list` stands for in the text. */
  readonly list?: ContainerList;
  /** The path in the object of a path below the subject. */
  readonly at: (path: string) => string;
  /** Whether a field below the subject can be set there at all. */
  readonly canSay: (path: string) => boolean;
}

export type Subjects = { readonly [each in Subject]: readonly JudgedSubject[] };

/** A Kubernetes object with what checks are asked about, found and converted once for all rules. */
export interface JudgedObject {
  readonly kind: string;
  readonly group: string;
  /** Every pod, for checks of whole objects: `variables.pods`. */
  readonly pods: readonly Cell[];
  readonly subjects: Subjects;
}

/** Undefined when the node declares no Kubernetes object. Secrets are unknown unless they are given, by their places. */
export function judgedObject(node: ResourceNode, secrets?: ReadonlyMap<string, unknown>): JudgedObject | undefined {
  const identity = kubernetesObject(node);
  if (!identity) return undefined;
  const { apiVersion, kind } = identity;
  const source = { ...node.inputs, apiVersion, kind };
  const convert = converter(secrets);
  const object = convert(source, "");
  const pods = podsOf(source).map((pod) => ({ pod, cell: podCell(pod, convert) }));
  const variablesOf = (pod: Pod | undefined): Variables => ({
    object,
    pod: pods.find((each) => each.pod === pod)?.cell,
  });
  const containerSubject = (container: Container, pod: Pod | undefined): JudgedSubject => {
    const value = convert(container.value, container.path);
    return {
      variables: { ...variablesOf(pod), container: value },
      value,
      list: container.list,
      ...inContainer(container),
    };
  };
  return {
    kind,
    group: apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "",
    pods: pods.map(({ cell }) => cell),
    subjects: {
      object: [{ variables: variablesOf(undefined), value: object, at: (path) => path, canSay: () => true }],
      pod: pods.map(({ pod, cell }) => ({ variables: variablesOf(pod), value: cell, ...inPod(pod) })),
      container: pods.flatMap(({ pod }) => pod.containers.map((container) => containerSubject(container, pod))),
      image: imagesOf(
        source,
        pods.map(({ pod }) => pod),
      ).map(({ path, value, container, pod }) => {
        const image = convert(value, path);
        const around = container ? containerSubject(container, pod).variables : variablesOf(undefined);
        return { variables: { ...around, image }, value: image, at: below(path), canSay: () => true };
      }),
    },
  };
}

function podCell(pod: Pod, convert: (value: Value, path: string) => Cell): CelMap {
  const { metadata, spec, labelsPath, path } = pod;
  const cell = new Map<string, Cell>([["spec", convert(spec, path)]]);
  if (metadata !== undefined && metadata !== null) cell.set("metadata", convert(metadata, parent(labelsPath)));
  return cell;
}

type Placing = Pick<JudgedSubject, "at" | "canSay">;

function inContainer({ path, fields, names }: Container): Placing {
  return {
    at: (field) => below(path)(otherName(field, names)),
    canSay: (field) => !fields || field === "" || ["name", "image", ...fields].includes(firstOf(field)),
  };
}

function inPod({ path, labelsPath, annotationsPath, fields, names, origins }: Pod): Placing {
  return {
    at: (field) => {
      const [, top = "", rest = ""] =
        /^(metadata\.labels|metadata\.annotations|metadata|spec)?(.*)$/s.exec(field) ?? [];
      if (top === "metadata.labels") return labelsPath + rest;
      if (top === "metadata.annotations") return annotationsPath + rest;
      if (top === "metadata") return parent(labelsPath) + rest;
      const inSpec = rest.replace(/^\./, "");
      const origin = origins?.[firstOf(inSpec)];
      return origin === undefined
        ? below(path)(otherName(inSpec, names))
        : origin + inSpec.slice(firstOf(inSpec).length);
    },
    canSay: (field) => {
      const [top, ...rest] = field.split(".");
      if (!fields || top !== "spec" || rest.length === 0) return true;
      return ["containers", "initContainers", ...fields].includes(firstOf(rest.join(".")));
    },
  };
}

/** A path below another: `a` and `b[0]` is `a.b[0]`, `a` and `[0]` is `a[0]`. */
export function below(path: string): (field: string) => string {
  return (field) => (field === "" || path === "" || field.startsWith("[") ? `${path}${field}` : `${path}.${field}`);
}

function firstOf(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? "";
}

function otherName(path: string, names: Names | undefined): string {
  const first = firstOf(path);
  return (names?.[first] ?? first) + path.slice(first.length);
}

function parent(path: string): string {
  return path.replace(/\.[^.]*$/, "");
}

const splitPaths = new Map<string, readonly string[]>();

/** Keys of a dotted path of a rule, quoted or not: `spec.limits["nvidia.com/gpu"]`. */
export function keysOf(path: string): readonly string[] {
  const known = splitPaths.get(path);
  if (known) return known;
  const segments = path.match(/[^.[\]"]+|"(?:[^"\\]|\\.)*"/g) ?? [];
  const keys = segments.map((segment) => (segment.startsWith('"') ? (JSON.parse(segment) as string) : segment));
  splitPaths.set(path, keys);
  return keys;
}
