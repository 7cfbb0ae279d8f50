import { nodesByUrn, title } from "../../graph/describe.js";
import { kubernetesObject } from "../../graph/kubernetes.js";
import type { ResourceGraph, ResourceNode, Value } from "../../graph/model.js";
import { read, undecidedBy } from "../../rules/truth.js";

/** A chart that something installs. */
export interface ChartUse {
  /** `Application argocd/keda`. */
  readonly usedBy: string;
  /** `oci://…` or `https://…`; of an OCI registry with the chart's own path. */
  readonly repository: Value | undefined;
  /** Its name in an HTTP repository; undefined in an OCI registry. */
  readonly chart?: Value | undefined;
  readonly version: Value | undefined;
  /** Set when it is given by digest already. */
  readonly digest?: Value | undefined;
}

/** Every chart of Pulumi's Helm resources, of Argo CD and of Flux, in the order of the graph. Charts in folders are left out. */
export function chartsOf(graph: ResourceGraph): ChartUse[] {
  const repositories = fluxRepositories(graph);
  const templates = graph.invokes
    .filter(({ token }) => token === "kubernetes:helm:template")
    .flatMap(({ args, source }) =>
      templateChart(args.jsonOpts, source ? `Chart at ${source.file}:${source.line}` : "Chart"),
    );
  return [...graph.nodes.flatMap((node) => chartsOfNode(node, repositories)), ...templates].filter(
    ({ repository }) => !(typeof repository === "string" && /^(\.{0,2}\/|file:)/.test(repository)),
  );
}

function chartsOfNode(node: ResourceNode, repositories: ReadonlyMap<string, Value | undefined>): ChartUse[] {
  const usedBy = title(node);
  if (/^kubernetes:helm\.sh\/(v3:Release|v4:Chart)$/.test(node.type) && node.kind !== "read") {
    const { chart, version } = node.inputs;
    return [helmChart(usedBy, chart, read(node.inputs, ["repositoryOpts", "repo"]), version)];
  }
  const object = kubernetesObject(node);
  const kind = object && node.kind !== "read" ? `${object.apiVersion.split("/")[0]}/${object.kind}` : "";
  const spec = read(node.inputs, ["spec"]);
  if (kind === "argoproj.io/Application") return argoCharts(usedBy, spec);
  if (kind === "argoproj.io/ApplicationSet") return argoCharts(usedBy, read(spec, ["template", "spec"]));
  if (kind === "source.toolkit.fluxcd.io/OCIRepository") {
    const [repository, version, digest] = [
      read(spec, ["url"]),
      read(spec, ["ref", "tag"]),
      read(spec, ["ref", "digest"]),
    ];
    return [{ usedBy, repository, version, digest }];
  }
  if (kind === "helm.toolkit.fluxcd.io/HelmRelease") return fluxChart(usedBy, node, repositories);
  return [];
}

/** As Helm reads them: `oci://…` names the chart itself, else it is a name in the repository, else a folder. */
function helmChart(
  usedBy: string,
  chart: Value | undefined,
  repository: Value | undefined,
  version: Value | undefined,
): ChartUse {
  const isWhole = typeof chart === "string" && /^(oci:|https?:|file:|\.{0,2}\/)/.test(chart);
  if (isWhole || undecidedBy(chart)) return { usedBy, repository: chart, version };
  if (typeof repository === "string" && repository.startsWith("oci://")) {
    return { usedBy, repository: `${repository.replace(/\/+$/, "")}/${String(chart)}`, version };
  }
  return { usedBy, repository, chart, version };
}

/** `helm.v3.Chart` declares nothing itself: it asks its provider, in JSON (`@pulumi/kubernetes/helm/v3/helm.ts`). */
function templateChart(jsonOpts: Value | undefined, usedBy: string): ChartUse[] {
  if (undecidedBy(jsonOpts)) return [{ usedBy, repository: jsonOpts, version: jsonOpts }];
  if (typeof jsonOpts !== "string") return [];
  const options = JSON.parse(jsonOpts) as Value;
  // The name of a folder stands in `path` instead.
  if (read(options, ["chart"]) === undefined) return [];
  const [repo, fetched] = [read(options, ["repo"]), read(options, ["fetch_opts", "repo"])];
  const version = read(options, ["version"]) || read(options, ["fetch_opts", "version"]) || undefined;
  return [helmChart(usedBy, read(options, ["chart"]), fetched || repo || undefined, version)];
}

/** Argo CD writes OCI registries without a scheme: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/ */
function argoCharts(usedBy: string, spec: Value | undefined): ChartUse[] {
  const sources = read(spec, ["sources"]);
  const all = Array.isArray(sources) ? (sources as readonly Value[]) : [read(spec, ["source"])];
  return all.flatMap((source) => {
    const [chart, url, version] = ["chart", "repoURL", "targetRevision"].map((key) => read(source, [key]));
    if (chart === undefined) return [];
    const isOci = typeof url === "string" && !/^https?:/.test(url);
    return [helmChart(usedBy, chart, isOci ? `oci://${url.replace(/^oci:\/\//, "")}` : url, version)];
  });
}

/** Addresses of the `HelmRepository` objects by namespace and name. */
function fluxRepositories(graph: ResourceGraph): ReadonlyMap<string, Value | undefined> {
  return new Map(
    [...nodesByUrn(graph).values()].flatMap((node) => {
      const object = kubernetesObject(node);
      if (object?.kind !== "HelmRepository") return [];
      return [[`${object.namespace ?? "default"}/${object.name}`, read(node.inputs, ["spec", "url"])] as const];
    }),
  );
}

/** Source: https://fluxcd.io/flux/components/helm/helmreleases/#chart-template */
function fluxChart(
  usedBy: string,
  node: ResourceNode,
  repositories: ReadonlyMap<string, Value | undefined>,
): ChartUse[] {
  const spec = read(node.inputs, ["spec", "chart", "spec"]);
  const reference = read(spec, ["sourceRef"]);
  if (read(reference, ["kind"]) !== "HelmRepository") return [];
  const namespace = read(reference, ["namespace"]) ?? read(node.inputs, ["metadata", "namespace"]) ?? "default";
  const repository = repositories.get(`${String(namespace)}/${String(read(reference, ["name"]))}`);
  return [helmChart(usedBy, read(spec, ["chart"]), repository, read(spec, ["version"]))];
}
