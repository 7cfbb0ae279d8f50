import { type ImageLock, type LockEntry, lockedImage } from "../../core/image-lock.js";
import { clean, describePlace, nodesByUrn, resources, title } from "../../graph/describe.js";
import { kubernetesObject } from "../../graph/kubernetes.js";
import type { ResourceGraph, ResourceNode, Value } from "../../graph/model.js";
import { secretPlace } from "../../graph/values.js";
import { type ImageReference, parseImage } from "../../rules/images/reference.js";
import { type ImageName, imagesOf } from "../../rules/pods.js";
import { read, undecidedBy } from "../../rules/truth.js";
import { type ChartUse, chartsOf } from "./charts.js";

/** Where a name stands for something: which of the lock's tables it is in, and whom to ask. */
export type Target =
  | { readonly kind: "image"; readonly image: ImageReference }
  /** A chart in an OCI registry, or whatever Flux fetches from one. */
  | { readonly kind: "chart"; readonly image: ImageReference }
  | { readonly kind: "chart"; readonly repository: string; readonly chart: string; readonly version: string };

/** A name that may come to stand for something else, and belongs in the lock. */
export interface Wanted {
  /** As it is written; of a chart put together as `oci://…:VERSION` or `https://…/CHART:VERSION`. */
  readonly reference: string;
  readonly target: Target;
  /** `Deployment ml/fraud spec.template.spec.containers[0].image`. */
  readonly usedBy: readonly string[];
  /** Architectures that pods with it select by `kubernetes.io/arch`, and who does. */
  readonly architectures: ReadonlyMap<string, string>;
}

/** A name that cannot be locked, and why. */
export interface Unlockable {
  readonly usedBy: string;
  readonly reason: string;
  /** Known only after deployment, or withheld: not the user's mistake. */
  readonly isUnknown: boolean;
}

export interface References {
  /** Sorted by name, images first. */
  readonly wanted: readonly Wanted[];
  readonly unlockable: readonly Unlockable[];
  /** How many image names have a digest of their own. */
  readonly pinned: number;
}

/**
 * Every image and chart that a graph names. An image whose digest is the lock's own counts under the name that was locked:
 * constructs put the lock's digests into the graph.
 */
export function referencesOf(graph: ResourceGraph, lock: ImageLock): References {
  const byUrn = nodesByUrn(graph);
  const describe = (place: string) => describePlace(place, byUrn);
  const found = [
    ...resources(graph)
      .filter((node) => node.kind !== "read")
      .flatMap((node) => {
        const object = kubernetesObject(node);
        if (!object) return [];
        const names = imagesOf({ ...node.inputs, apiVersion: object.apiVersion, kind: object.kind });
        return names.flatMap((name) => imageReference(name, `${title(node)} ${clean(name.path)}`, lock, describe));
      }),
    ...chartsOf(graph).flatMap((use) => chartReference(use, describe)),
    ...graph.nodes.filter((node) => node.opaque && node.type.startsWith("kubernetes:")).map(unseen),
  ];
  const wanted = new Map<string, Wanted>();
  for (const each of found.filter((one) => "reference" in one)) {
    const known = wanted.get(keyOf(each));
    wanted.set(keyOf(each), known ? joined(known, each) : each);
  }
  return {
    wanted: [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
    unlockable: found.filter((one) => "reason" in one),
    pinned: found.filter((one) => "pinned" in one).length,
  };
}

/** The entry of a name in the lock's table for it. */
export function entryOf({ target, reference }: Wanted, { images, charts }: ImageLock): LockEntry | undefined {
  const table = target.kind === "image" ? images : charts;
  return Object.hasOwn(table, reference) ? table[reference] : undefined;
}

type Found = Wanted | Unlockable | { readonly pinned: true };

function imageReference(
  { value, pod }: ImageName,
  usedBy: string,
  lock: ImageLock,
  describe: (place: string) => string,
): Found[] {
  const open = unlockable(value, usedBy, describe);
  if (open) return [open];
  // No image at all is for the rules to judge.
  if (typeof value !== "string" || value === "") return [];
  const image = parseImage(value);
  if (!image) return [{ usedBy, isUnknown: false, reason: `"${shown(value)}" is not an image's name` }];
  const [written = ""] = value.split("@");
  if (image.digest !== undefined && lockedImage(written, lock) !== value) return [{ pinned: true }];
  const architecture = read(pod?.spec, ["nodeSelector", "kubernetes.io/arch"]);
  const architectures = new Map(typeof architecture === "string" ? [[architecture, usedBy]] : []);
  return [{ reference: written, target: { kind: "image", image: untied(image) }, usedBy: [usedBy], architectures }];
}

function chartReference(use: ChartUse, describe: (place: string) => string): Found[] {
  const { usedBy, repository, chart, version, digest } = use;
  const wrong = (reason: string): Found[] => [{ usedBy, isUnknown: false, reason }];
  const open = [digest, repository, chart, version].map((value) => unlockable(value, usedBy, describe)).find(Boolean);
  if (open) return [open];
  if (typeof digest === "string" && digest !== "") return [];
  if (typeof repository !== "string" || repository === "") {
    const named = typeof chart === "string" ? `"${shown(chart)}" ` : "";
    return wrong(
      `the chart ${named}names no repository that this program declares; give its https:// or oci:// address`,
    );
  }
  if (typeof version !== "string" || version === "" || version === "*") {
    return wrong("the chart names no version: each deployment takes the newest; give one");
  }
  const target = chartTarget(repository.replace(/\/+$/, ""), chart, version);
  if (typeof target === "string") return wrong(target);
  const reference =
    "image" in target
      ? `${repository.replace(/\/+$/, "")}:${version}`
      : `${target.repository}/${target.chart}:${target.version}`;
  return [{ reference, target, usedBy: [usedBy], architectures: new Map() }];
}

/** Text: why there is none. */
function chartTarget(repository: string, chart: Value | undefined, version: string): Target | string {
  if (repository.startsWith("oci://")) {
    // A tag cannot hold the + of a version: https://helm.sh/docs/topics/registries/#oci-feature-deprecation-and-behavior-changes-with-v370
    const image = parseImage(`${repository.slice("oci://".length)}:${version.replaceAll("+", "_")}`);
    if (image?.tag !== undefined) return { kind: "chart", image };
    return `"${shown(`${repository}:${version}`)}" is not the name of a chart with one version`;
  }
  if (!/^https?:\/\/[^\s?#@]+$/.test(repository) || !URL.canParse(repository)) {
    return `"${shown(repository)}" is no chart repository that plinth can ask; give its https:// or oci:// address`;
  }
  if (typeof chart !== "string" || !/^[\w.-]+$/.test(chart)) {
    return "the chart is fetched by the address of a file; give repository, chart and version";
  }
  return { kind: "chart", repository, chart, version };
}

/** Charts and kustomizations that are not expanded. */
function unseen(node: ResourceNode): Unlockable {
  const reason =
    'the images inside cannot be seen; pipe what "helm template" or "kubectl kustomize" prints into plinth lock -';
  return { usedBy: title(node), isUnknown: true, reason };
}

function unlockable(
  value: Value | undefined,
  usedBy: string,
  describe: (place: string) => string,
): Unlockable | undefined {
  const open = undecidedBy(value);
  if (!open) return undefined;
  const reason =
    secretPlace(value) === undefined
      ? `known only after deployment: ${describe(open.undecided)}`
      : "withheld, as it is a secret";
  return { usedBy, isUnknown: true, reason };
}

function untied({ digest: _, ...image }: ImageReference): ImageReference {
  return image;
}

/** What was written, without the login and the query that an address can have. */
function shown(text: string): string {
  return clean(text.replace(/\/\/[^/]*@/, "//").replace(/[?#].*$/s, ""));
}

function keyOf({ target, reference }: Wanted): string {
  return `${target.kind === "image" ? 0 : 1} ${reference}`;
}

function joined(a: Wanted, b: Wanted): Wanted {
  return {
    ...a,
    usedBy: [...a.usedBy, ...b.usedBy],
    architectures: new Map([...b.architectures, ...a.architectures]),
  };
}
