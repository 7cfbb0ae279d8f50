import * as pulumi from "@pulumi/pulumi";
import { ArgsError, type ArgsFault } from "../core/args-error.js";

/** A toleration as Kubernetes spells it. */
export interface Toleration {
  readonly key: string;
  readonly operator: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What one node offers to pods, where it is known. */
export interface NodeShape {
  readonly machine: string;
  readonly gpus: number;
  readonly gpuMemoryMiB: number;
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string;
  readonly architecture: "amd64" | "arm64";
}

/** Where a pod with GPUs runs and what it asks for. Made by `pool.place()`, or for existing nodes by `fromNodes`. */
export interface GpuPlacement {
  /** GPUs of one pod. */
  readonly gpus: number;
  /** The extended resource, e.g. `nvidia.com/gpu`. */
  readonly resource: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** What a node offers; absent when it is not known, and then nothing is checked against it. */
  readonly node?: NodeShape;
  /** The most such pods that fit on the nodes, when it is known before deployment. */
  readonly maxPods?: number;
  /** What has to exist before such a pod can start. */
  readonly dependsOn: readonly pulumi.Resource[];
}

/** The taint every GPU node carries, in the form pods tolerate: NVIDIA's own DaemonSets and GKE use the same key. */
export const GPU_TOLERATION: Toleration = { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" };

export interface ExistingGpuNodes {
  /** GPUs of one pod, all on one node. @default 1 */
  readonly gpus?: number;
  /** Labels the nodes have. @default `{ "nvidia.com/gpu.present": "true" }` */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints to tolerate. @default key `nvidia.com/gpu`, any value, effect NoSchedule */
  readonly tolerations?: readonly Toleration[];
  /** The extended resource the nodes offer. @default `nvidia.com/gpu` */
  readonly resource?: string;
}

export const GpuPlacement = {
  /** GPUs on nodes that exist already. Makes no resource. */
  fromNodes(nodes: ExistingGpuNodes = {}): GpuPlacement {
    const gpus = nodes.gpus ?? 1;
    requireGpus("GpuPlacement.fromNodes", gpus);
    return {
      gpus,
      resource: nodes.resource ?? "nvidia.com/gpu",
      nodeSelector: nodes.nodeSelector ?? { "nvidia.com/gpu.present": "true" },
      tolerations: nodes.tolerations ?? [GPU_TOLERATION],
      dependsOn: [],
    };
  },
} as const;

/** Refuses what is no number of whole GPUs. */
export function requireGpus(construct: string, gpus: number): void {
  if (Number.isInteger(gpus) && gpus > 0) return;
  throw new ArgsError(construct, [
    {
      field: "gpus",
      given: gpus,
      message: `${JSON.stringify(gpus)} is not allowed; it must be a whole number of at least 1`,
    },
  ]);
}

/** One version of a model, pinned: what is served is exactly what was checked. */
export interface ModelArtifact {
  /** The folder that holds the version and its `manifest.json`. */
  readonly uri: pulumi.Input<string>;
  /** What people call the version. */
  readonly version: string;
  /** `sha256:` and 64 hexadecimal digits: the digest of `manifest.json`, which holds those of all files. */
  readonly digest: string;
}

export interface ModelArtifactArgs {
  /**
   * The folder that holds the version and its `manifest.json`: `s3://bucket/prefix` and compatible, `gs://`,
   * `https://` or `hf://organisation/model@revision`.
   */
  readonly uri: pulumi.Input<string>;
  /** What people call the version, e.g. `"7"`. Plain: it is known before deployment, that is what pinning means. */
  readonly version: string;
  /** `sha256:` and 64 hexadecimal digits: the digest of the version's `manifest.json`. */
  readonly digest: string;
}

/** URI schemes that the fetch program reads. */
export const MODEL_SCHEMES = ["s3", "gs", "https", "hf"] as const;

export const ModelArtifact = {
  /** A model that lies somewhere already. Makes no resource. */
  from(args: ModelArtifactArgs): ModelArtifact {
    const faults = modelFaults(args);
    if (faults.length > 0) throw new ArgsError("ModelArtifact.from", faults);
    return { uri: args.uri, version: args.version, digest: args.digest };
  },
} as const;

/** What is wrong with a model's address, version and digest. */
export function modelFaults(args: ModelArtifactArgs): ArgsFault[] {
  const faults: ArgsFault[] = [];
  if (typeof args.uri === "string" && !modelScheme(args.uri)) {
    const allowed = MODEL_SCHEMES.map((scheme) => `${scheme}://`).join(", ");
    faults.push({
      field: "uri",
      given: args.uri,
      message: `"${args.uri}" is not allowed; it must be an address that starts with ${allowed}`,
    });
  }
  if (typeof args.version !== "string" || args.version === "") {
    const message = `${show(args.version)} is not allowed; it must be a text that names the version`;
    faults.push({ field: "version", given: args.version, message });
  }
  if (typeof args.digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(args.digest)) {
    const message = `${show(args.digest)} is not allowed; it must be "sha256:" and 64 lower-case hexadecimal digits, the digest of the version's manifest.json`;
    faults.push({ field: "digest", given: args.digest, message });
  }
  return faults;
}

function show(given: unknown): string {
  return pulumi.Output.isInstance(given) ? "a value known only after deployment" : (JSON.stringify(given) ?? "nothing");
}

/** The scheme of a model's URI when it is one that can be fetched and names something. */
export function modelScheme(uri: string): (typeof MODEL_SCHEMES)[number] | undefined {
  return MODEL_SCHEMES.find((scheme) => new RegExp(`^${scheme}://[^/\\s]+(/\\S*)?$`).test(uri));
}

/** Something that answers predictions. An InferenceEndpoint is one. */
export interface Endpoint {
  /** The name it was given in the program. */
  readonly endpointName: string;
  /** Where pods of the cluster reach it. */
  readonly url: pulumi.Output<string>;
}

export const Endpoint = {
  /** An endpoint that exists already. Makes no resource. */
  fromUrl(name: string, url: pulumi.Input<string>): Endpoint {
    return { endpointName: name, url: pulumi.output(url) };
  },
} as const;
