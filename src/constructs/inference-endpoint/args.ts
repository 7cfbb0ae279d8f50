import type * as pulumi from "@pulumi/pulumi";
import type { SecretKey } from "../../kubernetes/pod.js";
import type { Platform } from "../../platform/platform.js";
import type { GpuPlacement, ModelArtifact } from "../../platform/refs.js";
import type { Engine } from "./engine.js";
import type { Rollout } from "./rollout.js";

export interface InferenceEndpointArgs {
  /** Where it runs. */
  readonly platform: Platform;
  /** What answers predictions: `engine.triton()`, `engine.vllm()` or `engine.custom()`. */
  readonly engine: Engine;
  /** The model to serve, pinned. @default none, which `engine.custom` alone can do: its image then holds the model */
  readonly model?: ModelArtifact;
  /** GPUs of each pod: `pool.place()`, or `GpuPlacement.fromNodes()` for nodes that exist. @default none */
  readonly gpu?: GpuPlacement;
  /** How many pods. */
  readonly scale?: ScaleArgs;
  /** How a new version replaces the old one. @default rollout.rolling() */
  readonly rollout?: Rollout;
  /** Namespace of all it makes. It must exist. @default the platform's */
  readonly namespace?: pulumi.Input<string>;
  /** CPU and memory of each pod. Memory is also the limit. */
  readonly resources?: ResourcesArgs;
  /** Environment variables of the server. @default none */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Environment variables of the server from Secrets of the namespace. @default none */
  readonly secrets?: Readonly<Record<string, SecretKey>>;
  /** How the model gets into the pod. */
  readonly download?: DownloadArgs;
  /** Who may call it and what it may call. */
  readonly network?: NetworkArgs;
  /** The longest a pod may take from its start until it answers, e.g. `"45m"`. @default "30m" */
  readonly startup?: string;
  /** Name of an existing PriorityClass. @default the cluster's default */
  readonly priorityClass?: pulumi.Input<string>;
  /** Names of Secrets of the namespace that open private registries. @default none */
  readonly imagePullSecrets?: readonly pulumi.Input<string>[];
  /** Name of an existing ServiceAccount to run as; what it may do is then yours to say. @default one is made */
  readonly serviceAccount?: pulumi.Input<string>;
  /** An existing cloud role for the pods, by its ARN on AWS. @default one is made that may read the model */
  readonly role?: pulumi.Input<string>;
}

export interface ScaleArgs {
  /** Pods that answer. @default 2 in production, else 1 */
  readonly min?: number;
  /** The most pods. It must equal `min`: this version makes a fixed number. @default min */
  readonly max?: number;
}

export interface ResourcesArgs {
  /** E.g. `"4"` or `"500m"`. @default for each GPU, or once without: triton 2, vllm 2, custom 1 */
  readonly cpu?: pulumi.Input<string>;
  /** E.g. `"16Gi"`. @default for each GPU, or once without: triton 8Gi, vllm 12Gi, custom 2Gi */
  readonly memory?: pulumi.Input<string>;
}

export interface DownloadArgs {
  /** Room for the model on the machine's disk. @default "20Gi" */
  readonly disk?: string;
  /** The image that runs the download: Node 20.19 or newer. @default the official Node image, by digest */
  readonly image?: pulumi.Input<string>;
  /** Its environment, e.g. `AWS_ENDPOINT_URL` for an S3 of your own. @default what the platform's store needs */
  readonly env?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Its environment from Secrets of the namespace, e.g. `HF_TOKEN`. @default none */
  readonly secrets?: Readonly<Record<string, SecretKey>>;
}

export interface NetworkArgs {
  /** Other namespaces whose pods may call it. @default none: only pods of its own namespace */
  readonly clients?: readonly string[];
  /** What its pods may call besides DNS and HTTPS, each an address range and a TCP port. @default nothing */
  readonly egress?: readonly { readonly cidr: string; readonly port: number }[];
}
