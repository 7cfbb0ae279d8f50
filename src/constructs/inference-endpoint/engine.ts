import type * as pulumi from "@pulumi/pulumi";
import { parseDuration } from "../../core/duration.js";
import { mapInput } from "../../core/late.js";
import { resourceName } from "../../core/names.js";
import { type DefaultImage, IMAGES } from "../../kubernetes/images.js";
import type { PodUser } from "../../kubernetes/pod.js";

/** NVIDIA Triton. The model is a Triton model folder: `config.pbtxt` and one folder a version. */
export interface TritonEngine {
  readonly kind: "triton";
  /** The server's image. @default Triton 26.07, by digest */
  readonly image?: pulumi.Input<string>;
  /** The name clients ask for. @default the endpoint's name */
  readonly modelName?: string;
  /** More arguments for `tritonserver`. @default none */
  readonly args?: readonly pulumi.Input<string>[];
}

/** vLLM with its OpenAI interface. The model is a Hugging Face folder: `config.json`, weights, tokenizer. Needs `gpu`. */
export interface VllmEngine {
  readonly kind: "vllm";
  /** The server's image. @default vLLM v0.30.0, by digest */
  readonly image?: pulumi.Input<string>;
  /** The name clients ask for. @default the endpoint's name */
  readonly modelName?: string;
  /** The longest sequence in tokens; GPU memory is reserved for it. @default what the model's configuration says */
  readonly maxModelLength?: pulumi.Input<number>;
  /** More arguments for `vllm serve`. @default none */
  readonly args?: readonly pulumi.Input<string>[];
}

/** A server of your own. It finds the model, when there is one, in the folder that `MODEL_DIR` names. */
export interface CustomEngine {
  readonly kind: "custom";
  readonly image: pulumi.Input<string>;
  /** The port that answers predictions over HTTP. */
  readonly port: number;
  /** What to run. @default the image's own */
  readonly command?: readonly pulumi.Input<string>[];
  /** Its arguments. @default the image's own */
  readonly args?: readonly pulumi.Input<string>[];
  /** The path that answers 200 when predictions can be answered. */
  readonly readinessPath: string;
  /** The path that answers 200 while the process is not stuck. Shallow: a slow model must not restart it. @default readinessPath */
  readonly livenessPath?: string;
  /** Where Prometheus reads metrics. @default nowhere */
  readonly metrics?: { readonly port: number; readonly path?: string };
  /** The user it runs as; not root. @default 1000:1000 */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Whether it can run when its root file system is read-only; `/tmp` is writable. @default true */
  readonly readOnlyRootFilesystem?: boolean;
  /** How long it takes to finish the requests it has after SIGTERM. @default "30s" */
  readonly drain?: string;
}

/** What answers predictions. Made by `engine.triton()`, `engine.vllm()` or `engine.custom()`. */
export type Engine = TritonEngine | VllmEngine | CustomEngine;

/** The engines. Each is plain data. */
export const engine = {
  /** NVIDIA Triton: ONNX, TensorRT, PyTorch, Python and others, with dynamic batching. */
  triton: (args: Omit<TritonEngine, "kind"> = {}): TritonEngine => ({ ...args, kind: "triton" }),
  /** vLLM: language models with OpenAI's interface. */
  vllm: (args: Omit<VllmEngine, "kind"> = {}): VllmEngine => ({ ...args, kind: "vllm" }),
  /** A server of your own. */
  custom: (args: Omit<CustomEngine, "kind">): CustomEngine => ({ ...args, kind: "custom" }),
} as const;

/** What one engine can and needs; printed in the noun's README. */
export interface EngineSupport {
  /** Whether it runs without GPUs. */
  readonly cpu: boolean;
  /** Whether it can do without `model`. */
  readonly withoutModel: boolean;
}

export const supports = {
  triton: { cpu: true, withoutModel: false },
  vllm: { cpu: false, withoutModel: false },
  custom: { cpu: true, withoutModel: true },
} as const satisfies Record<Engine["kind"], EngineSupport>;

/** What the pod of an engine looks like. */
export interface EngineSpec {
  readonly image: DefaultImage | undefined;
  readonly user: PodUser;
  readonly readOnlyRootFilesystem: boolean;
  readonly command: readonly pulumi.Input<string>[] | undefined;
  readonly args: readonly pulumi.Input<string>[] | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Every port; `http` is the one that answers predictions. */
  readonly ports: readonly EnginePort[];
  readonly metrics: { readonly port: string; readonly path: string } | undefined;
  readonly readinessPath: string;
  readonly livenessPath: string;
  /** Seconds it takes to finish its requests after SIGTERM. */
  readonly drainSeconds: number;
  /** Defaults for each GPU, or for the pod when it has none. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Memory-backed `/dev/shm`, through which its processes and GPUs talk. */
  readonly sharedMemory: string | undefined;
}

export interface EnginePort {
  readonly name: string;
  readonly port: number;
  readonly appProtocol?: string;
}

/** What an engine's command line depends on. */
export interface EngineContext {
  /** The endpoint's name, under which clients ask for the model. */
  readonly endpoint: string;
  readonly gpus: number;
}

/** Names that can be a folder and a part of a URL. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Where the model is, in the engine's container: one folder below `/mnt/models`, which Triton takes as its repository. */
export function modelFolder(chosen: Engine, endpoint: string): string {
  return `/mnt/models/${servedName(chosen, endpoint)}`;
}

/** The name clients ask for. */
function servedName(chosen: Engine, endpoint: string): string {
  if (chosen.kind === "custom") return "model";
  return chosen.modelName ?? (MODEL_NAME.test(endpoint) ? endpoint : resourceName(endpoint));
}

/** The pod of an engine. */
export function engineSpec(chosen: Engine, context: EngineContext): EngineSpec {
  switch (chosen.kind) {
    case "triton":
      return tritonSpec(chosen);
    case "vllm":
      return vllmSpec(chosen, context);
    case "custom":
      return customSpec(chosen);
  }
}

/** https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/ */
function tritonSpec({ args = [] }: TritonEngine): EngineSpec {
  const drainSeconds = 45;
  return {
    image: IMAGES.triton,
    // The image's own user, `triton-server`.
    user: { uid: 1000, gid: 1000 },
    readOnlyRootFilesystem: true,
    command: ["tritonserver"],
    args: [
      "--model-repository=/mnt/models",
      "--model-control-mode=none",
      "--strict-readiness=true",
      "--exit-on-error=true",
      `--exit-timeout-secs=${drainSeconds}`,
      "--http-port=8000",
      "--grpc-port=8001",
      "--metrics-port=8002",
      "--metrics-config=summary_latencies=true",
      ...args,
    ],
    env: { HOME: "/tmp" },
    ports: [
      { name: "http", port: 8000 },
      { name: "grpc", port: 8001, appProtocol: "kubernetes.io/h2c" },
      { name: "metrics", port: 8002 },
    ],
    metrics: { port: "metrics", path: "/metrics" },
    readinessPath: "/v2/health/ready",
    livenessPath: "/v2/health/live",
    drainSeconds,
    resources: { cpu: "2", memory: "8Gi" },
    sharedMemory: "2Gi",
  };
}

/** https://docs.vllm.ai/en/latest/cli/serve.html */
function vllmSpec(chosen: VllmEngine, { endpoint, gpus }: EngineContext): EngineSpec {
  const { maxModelLength, args = [] } = chosen;
  const drainSeconds = 120;
  return {
    image: IMAGES.vllm,
    // The image runs as root unless told otherwise; 2000:0 is the user it prepares for this.
    user: { uid: 2000, gid: 0 },
    readOnlyRootFilesystem: true,
    command: ["vllm", "serve"],
    args: [
      modelFolder(chosen, endpoint),
      `--served-model-name=${servedName(chosen, endpoint)}`,
      "--port=8000",
      // The default of 0 cuts off the answers being written when a pod is replaced.
      `--shutdown-timeout=${drainSeconds}`,
      `--tensor-parallel-size=${gpus}`,
      ...(maxModelLength === undefined ? [] : [mapInput(maxModelLength, (tokens) => `--max-model-len=${tokens}`)]),
      ...args,
    ],
    // Everything it needs was fetched and verified before; caches go where the user may write.
    env: { HOME: "/tmp", HF_HUB_OFFLINE: "1", VLLM_NO_USAGE_STATS: "1" },
    ports: [{ name: "http", port: 8000 }],
    metrics: { port: "http", path: "/metrics" },
    readinessPath: "/health",
    livenessPath: "/health",
    drainSeconds,
    resources: { cpu: "2", memory: "12Gi" },
    sharedMemory: "4Gi",
  };
}

function customSpec(chosen: CustomEngine): EngineSpec {
  const { port, metrics, readinessPath } = chosen;
  const ownMetricsPort = metrics !== undefined && metrics.port !== port;
  return {
    image: undefined,
    user: chosen.user ?? { uid: 1000, gid: 1000 },
    readOnlyRootFilesystem: chosen.readOnlyRootFilesystem ?? true,
    command: chosen.command,
    args: chosen.args,
    env: { HOME: "/tmp" },
    ports: [{ name: "http", port }, ...(ownMetricsPort ? [{ name: "metrics", port: metrics.port }] : [])],
    metrics: metrics && { port: ownMetricsPort ? "metrics" : "http", path: metrics.path ?? "/metrics" },
    readinessPath,
    livenessPath: chosen.livenessPath ?? readinessPath,
    drainSeconds: Math.ceil(parseDuration(chosen.drain ?? "30s")),
    resources: { cpu: "1", memory: "2Gi" },
    sharedMemory: undefined,
  };
}
