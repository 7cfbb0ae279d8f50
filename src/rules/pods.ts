import type { Properties, Value } from "../graph/model.js";
import { isPlainObject, joinPath } from "../graph/values.js";
import { type Found, fillIn, find, isTold, parsePath, valueAtPath } from "./pod-paths.js";
import { podPlaces } from "./pod-places.js";
import { read, undecidedBy } from "./truth.js";

export type ContainerList = "initContainers" | "containers" | "ephemeralContainers";

/** Where a kind keeps pods, containers and images. In paths, `[*]` is every item of a list and `{*}` every value of a map. */
export interface KindPlaces {
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly string[];
  readonly pods?: readonly PodPlace[];
  /** Image names outside containers. */
  readonly images?: readonly string[];
  /** Images told in parts (`repository`, `image`, `tag`, `version`, `digest`). */
  readonly imageObjects?: readonly { readonly path: string; readonly fields: readonly string[] }[];
  /** Built into Kubernetes. */
  readonly core?: boolean;
}

export interface PodPlace {
  /** The pod's spec, or the object that has the pod's settings beside other things. */
  readonly spec: string;
  readonly metadata?: string;
  /** Where labels and annotations come from too, the nearest first. */
  readonly metadataAround?: readonly string[];
  /** Where labels and annotations are, when they are not together. */
  readonly labels?: string;
  readonly annotations?: string;
  /** @default all three */
  readonly lists?: readonly ContainerList[];
  /** Containers elsewhere, below the spec; "" is the spec itself. */
  readonly containers?: readonly ContainerPlace[];
  /** Where settings come from that the spec does not make, the nearest first. */
  readonly around?: readonly string[];
  /**
   * The fields of a pod that can be set here.
   *
   * @default all
   */
  readonly fields?: readonly string[];
  /** Fields that have another name here. */
  readonly names?: Names;
}

export interface ContainerPlace {
  readonly path: string;
  readonly list: ContainerList;
  /**
   * The fields of a container that can be set here.
   *
   * @default all
   */
  readonly fields?: readonly string[];
  readonly names?: Names;
}

export interface Names {
  readonly [usual: string]: string;
}

/** One pod, or the unknown or withheld value that stands in its place. */
export interface Pod {
  /** Of the spec: `spec.template.spec`. */
  readonly path: string;
  readonly labelsPath: string;
  readonly annotationsPath: string;
  /** `{ labels, annotations }`, or an unknown; undefined when the pod has none. */
  readonly metadata: Value | undefined;
  /** Always with the usual names of fields and the lists of containers, wherever the kind keeps them. */
  readonly spec: Value;
  readonly containers: readonly Container[];
  readonly fields?: readonly string[];
  readonly names?: Names;
  /** Where settings stand that come from around the spec. */
  readonly origins?: Names;
}

/** One container, or the unknown or withheld value that stands in the place of it or of its list. */
export interface Container {
  readonly path: string;
  readonly list: ContainerList;
  readonly value: Value;
  readonly fields?: readonly string[];
  readonly names?: Names;
}

/** One image name, or the unknown or withheld value that stands in its place. */
export interface ImageName {
  readonly path: string;
  /** "" when a pod of Kubernetes' own kinds names no image. */
  readonly value: Value;
  /** The container that runs it, if it stands in one. */
  readonly container?: Container;
  readonly pod?: Pod;
}

const allLists: readonly ContainerList[] = ["initContainers", "containers", "ephemeralContainers"];

/** An OCI artifact as a volume (https://kubernetes.io/docs/concepts/storage/volumes/#image). */
const volumeImage = ["volumes", "[*]", "image", "reference"];

/** Kinds that run to an end. */
export const batchKinds: readonly string[] = [
  ...["batch/Job", "batch/CronJob", "JobSet", "PyTorchJob", "TFJob", "MPIJob", "JAXJob", "XGBoostJob", "PaddleJob"],
  ...["TrainJob", "RayJob", "Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"],
  ...["SparkApplication", "ScheduledSparkApplication"],
];

/** Kinds that answer requests. */
export const servingKinds: readonly string[] = [
  ...["apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "argoproj.io/Rollout", "InferenceService"],
  ...["LLMInferenceService", "RayService", "serving.knative.dev/Service", "SeldonDeployment", "NIMService"],
  "LeaderWorkerSet",
];

const placesByKind = new Map<string, readonly KindPlaces[]>();
for (const places of podPlaces) {
  const key = `${places.group}/${places.kind}`;
  placesByKind.set(key, [...(placesByKind.get(key) ?? []), places]);
}

/** Where objects of this kind keep pods; of a version that the table does not have, as in the newest that it has. */
export function placesOf(apiVersion: string, kind: string): KindPlaces | undefined {
  const [group = "", version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const rows = placesByKind.get(`${group}/${kind}`) ?? [];
  return rows.find(({ versions }) => version !== undefined && versions.includes(version)) ?? rows[0];
}

/** The pods of an object: of an unknown spec one, of a list of pods that is not known one. */
export function podsOf(object: Properties): readonly Pod[] {
  const places = placesOf(String(object.apiVersion), String(object.kind));
  return (places?.pods ?? []).flatMap((place) =>
    find(object, parsePath(place.spec)).flatMap((found) => podAt(object, place, found)),
  );
}

/** Every image name of an object: of its containers, then the others. */
export function imagesOf(object: Properties, pods: readonly Pod[] = podsOf(object)): readonly ImageName[] {
  const places = placesOf(String(object.apiVersion), String(object.kind));
  const inPods = pods.flatMap((pod) =>
    pod.containers.flatMap((container) => containerImage(pod, container, places?.core ?? false)),
  );
  // Of pods that are put together the table has the places itself.
  const volumes = pods.filter(({ fields }) => !fields).flatMap(({ path, spec }) => find(spec, volumeImage, path));
  const alone = (places?.images ?? []).flatMap((path) => find(object, parsePath(path)));
  const parts = (places?.imageObjects ?? []).flatMap(({ path, fields }) =>
    find(object, parsePath(path)).flatMap((found) => imageOfParts(found, fields)),
  );
  return [
    ...inPods,
    ...[...volumes, ...alone].filter(({ value }) => isTold(value)).map(({ path, value }) => ({ path, value })),
    ...parts,
  ];
}

function podAt(object: Properties, place: PodPlace, found: Found): Pod[] {
  const { path, value } = found;
  const at = (wild: string | undefined) => (wild === undefined ? undefined : fillIn(wild, found.keys));
  const metadataPath = at(place.metadata) ?? "metadata";
  const labelsPath = at(place.labels) ?? joinPath(metadataPath, "labels");
  const annotationsPath = at(place.annotations) ?? joinPath(metadataPath, "annotations");
  const shared = {
    path,
    labelsPath,
    annotationsPath,
    ...(place.fields && { fields: place.fields }),
    ...(place.names && { names: place.names }),
  };
  if (undecidedBy(value)) {
    return [{ ...shared, metadata: undefined, spec: value, containers: [{ path, list: "containers", value }] }];
  }
  if (!isPlainObject(value)) return [];
  const lists = place.lists ?? allLists;
  const listed = lists.flatMap((list) => find(value, [list, "[*]"], path).map((each) => ({ list, found: each })));
  const others = (place.containers ?? []).flatMap((container) =>
    find(value, parsePath(container.path), path).map((each) => ({ ...container, found: each })),
  );
  const containers = [...listed, ...others]
    .filter(({ found: each }) => isTold(each.value))
    .map(({ found: each, list, ...rest }): Container => containerAt(each, list, rest));
  // Settings alone make no pod: there is one where there is a container.
  if (place.lists?.length === 0 && containers.length === 0) return [];
  const settings = settingsOf(object, found, place);
  const origins = Object.fromEntries(settings.map((each) => [each.field, each.path]));
  const spec = specOf(value, place, settings, containers);
  return [
    { ...shared, metadata: metadataOf(object, place, found), spec, containers, ...(place.around && { origins }) },
  ];
}

function containerAt({ path, value }: Found, list: ContainerList, place: Partial<ContainerPlace>): Container {
  const { fields, names } = place;
  const renamed = names && isPlainObject(value) ? rename(value, names) : value;
  return { path, list, value: renamed, ...(fields && { fields }), ...(names && { names }) };
}

function metadataOf(object: Properties, place: PodPlace, { keys }: Found): Value | undefined {
  const at = (wild: string) => valueAtPath(object, fillIn(wild, keys));
  if (place.metadata !== undefined) {
    return [place.metadata, ...(place.metadataAround ?? [])].map(at).reduceRight<Value | undefined>(over, undefined);
  }
  if (place.labels === undefined) return undefined;
  const labels = at(place.labels);
  const annotations = place.annotations === undefined ? undefined : at(place.annotations);
  return { ...(labels !== undefined && { labels }), ...(annotations !== undefined && { annotations }) };
}

/** Metadata with the labels and annotations of nearer metadata over its own; an unknown one hides what it is put over. */
function over(far: Value | undefined, near: Value | undefined): Value | undefined {
  if (!isPlainObject(far) || !isPlainObject(near)) return isTold(near) ? near : far;
  const merged = ["labels", "annotations"].flatMap((field) => {
    const [a, b] = [far[field], near[field]];
    const value = isPlainObject(a) && isPlainObject(b) ? { ...a, ...b } : isTold(b) ? b : a;
    return isTold(value) ? [[field, value] as const] : [];
  });
  return Object.fromEntries(merged);
}

/** The spec with its containers where every pod has them. A spec that has them there is left as it is. */
function specOf(
  value: Properties,
  place: PodPlace,
  settings: readonly Setting[],
  containers: readonly Container[],
): Value {
  if (!place.containers && !place.fields) return value;
  const own = place.fields ? Object.fromEntries(settings.map(({ field, value: set }) => [field, set])) : value;
  const elsewhere = new Set((place.containers ?? []).map(({ list }) => list));
  const lists = [...elsewhere]
    .filter((list) => !undecidedBy(value[list]))
    .map((list) => [list, containers.filter((each) => each.list === list).map((each) => each.value)] as const);
  return { ...own, ...Object.fromEntries(lists.filter(([, items]) => items.length > 0)) };
}

interface Setting {
  readonly field: string;
  readonly value: Value;
  readonly path: string;
}

/** The settings of a pod that is put together: each from the nearest place that has it. */
function settingsOf(
  object: Properties,
  { path, value }: Found,
  { fields = [], around = [], names = {} }: PodPlace,
): Setting[] {
  const places = [{ path, value }, ...around.map((each) => ({ path: each, value: valueAtPath(object, each) }))];
  return fields.flatMap((field) => {
    const name = names[field] ?? field;
    const owner = places.find((each) => isPlainObject(each.value) && isTold(each.value[name]));
    const found = isPlainObject(owner?.value) ? owner.value[name] : undefined;
    return owner && found !== undefined ? [{ field, value: found, path: joinPath(owner.path, name) }] : [];
  });
}

/** With the usual names of fields. */
function rename(value: Properties, names: Names): Properties {
  const others = Object.entries(names).flatMap(([usual, other]) =>
    isTold(value[other]) ? [[usual, value[other] as Value]] : [],
  );
  const hidden = Object.entries(names).flat();
  return Object.fromEntries([...Object.entries(value).filter(([key]) => !hidden.includes(key)), ...others]);
}

function containerImage(pod: Pod, container: Container, isCore: boolean): ImageName[] {
  const { path, value } = container;
  if (undecidedBy(value)) return [{ path, value, container, pod }];
  const image = read(value, ["image"]);
  if (isPlainObject(image)) return [];
  if (!isTold(image)) return isCore ? [{ path: joinPath(path, "image"), value: "", container, pod }] : [];
  return [{ path: joinPath(path, "image"), value: image, container, pod }];
}

/** `repository/image:tag`, or `@sha256:…` when the version is a digest. An unknown part makes the whole unknown. */
function imageOfParts({ path, value }: Found, fields: readonly string[]): ImageName[] {
  if (undecidedBy(value)) return [{ path, value }];
  const parts = fields.map((field) => read(value, [field]));
  const open = parts.find((part) => undecidedBy(part));
  if (open !== undefined) return [{ path, value: open }];
  const text = (...names: readonly string[]) =>
    names.map((name) => read(value, [name])).find((part) => typeof part === "string" && part !== "");
  const name = [text("repository"), text("image")].filter((part) => part !== undefined).join("/");
  if (name === "") return [];
  const version = text("digest", "version", "tag");
  if (version === undefined) return [{ path, value: name }];
  return [{ path, value: `${name}${String(version).startsWith("sha256:") ? "@" : ":"}${version}` }];
}
