import type { core } from "@pulumi/kubernetes/types/input.js";
import { addQuantities } from "../../core/quantity.js";
import { containerEnv, containerSecurity, podSecurity, spread } from "../../kubernetes/pod.js";
import type { GpuPlacement, ModelArtifact } from "../../platform/refs.js";
import type { InferenceEndpointArgs } from "./args.js";
import { modelFolder } from "./engine.js";
import type { EndpointPlan } from "./plan.js";

const MODELS = "/mnt/models";
const PROGRAM = "/opt/plinth";

/** Seconds between being told to stop and stopping, in which the last callers learn that the pod is going. */
const LEAVE_SECONDS = 15;

/** Seconds kept between the end of draining and being killed. */
const MARGIN_SECONDS = 15;

const READ_ONLY_FILE = 0o444;

/** Names of what the pod refers to. */
export interface PodNames {
  readonly endpoint: string;
  readonly serviceAccount: core.v1.PodSpec["serviceAccountName"];
  /** The ConfigMap that holds `fetch.mjs`. */
  readonly fetchConfigMap: string;
}

/** The pod that answers predictions. Pure. */
export function endpointPod(args: InferenceEndpointArgs, plan: EndpointPlan, names: PodNames): core.v1.PodSpec {
  const { gpu, model } = args;
  const { engine } = plan;
  const architecture = plan.image.architecture ?? plan.fetchImage.architecture;
  return {
    serviceAccountName: names.serviceAccount!,
    automountServiceAccountToken: false,
    // Kubernetes would add a variable for each Service of the namespace, and vLLM reads those named VLLM_….
    enableServiceLinks: false,
    terminationGracePeriodSeconds: LEAVE_SECONDS + engine.drainSeconds + MARGIN_SECONDS,
    ...(args.priorityClass && { priorityClassName: args.priorityClass }),
    ...(args.imagePullSecrets && { imagePullSecrets: args.imagePullSecrets.map((name) => ({ name })) }),
    securityContext: podSecurity(engine.user),
    nodeSelector: { ...gpu?.nodeSelector, ...(architecture && { "kubernetes.io/arch": architecture }) },
    ...(gpu && { tolerations: gpu.tolerations.map((toleration) => ({ ...toleration })) }),
    topologySpreadConstraints: spread(plan.selector),
    volumes: volumes(args, plan, names),
    ...(model && { initContainers: [fetchContainer(args, model, plan, names)] }),
    containers: [serverContainer(args, plan, names)],
  };
}

function volumes({ model }: InferenceEndpointArgs, plan: EndpointPlan, names: PodNames): core.v1.Volume[] {
  const { sharedMemory } = plan.engine;
  return [
    { name: "tmp", emptyDir: { sizeLimit: plan.scratch } },
    ...(model
      ? [
          { name: "model", emptyDir: { sizeLimit: plan.disk } },
          { name: "fetch", configMap: { name: names.fetchConfigMap, defaultMode: READ_ONLY_FILE } },
        ]
      : []),
    ...(sharedMemory ? [{ name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: sharedMemory } }] : []),
  ];
}

/** Downloads the model and checks every file against the pinned manifest; the server starts only if all are right. */
function fetchContainer(
  args: InferenceEndpointArgs,
  model: ModelArtifact,
  plan: EndpointPlan,
  names: PodNames,
): core.v1.Container {
  const { platform, download } = args;
  return {
    name: "fetch-model",
    image: plan.fetchImage.image,
    command: ["node", `${PROGRAM}/fetch.mjs`],
    args: ["--uri", model.uri, "--digest", model.digest, "--into", modelFolder(args.engine, names.endpoint)],
    env: containerEnv({ ...platform.objectStore?.environment, ...download?.env }, download?.secrets),
    resources: {
      requests: { cpu: "500m", memory: "256Mi", "ephemeral-storage": plan.disk },
      limits: { memory: "512Mi" },
    },
    securityContext: containerSecurity(true),
    volumeMounts: [
      { name: "fetch", mountPath: PROGRAM, readOnly: true },
      { name: "model", mountPath: MODELS },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

function serverContainer(args: InferenceEndpointArgs, plan: EndpointPlan, names: PodNames): core.v1.Container {
  const { model, gpu } = args;
  const { engine } = plan;
  const folder: Record<string, string> =
    model && args.engine.kind === "custom" ? { MODEL_DIR: modelFolder(args.engine, names.endpoint) } : {};
  const ready = { httpGet: { path: engine.readinessPath, port: "http" }, timeoutSeconds: 5 };
  return {
    name: "server",
    image: plan.image.image,
    ...(engine.command && { command: [...engine.command] }),
    ...(engine.args && { args: [...engine.args] }),
    env: containerEnv({ ...engine.env, ...folder, ...args.env }, args.secrets),
    ports: engine.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" })),
    startupProbe: { ...ready, periodSeconds: 10, failureThreshold: Math.ceil(plan.startupSeconds / 10) },
    readinessProbe: { ...ready, periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: {
      httpGet: { path: engine.livenessPath, port: "http" },
      timeoutSeconds: 5,
      periodSeconds: 10,
      failureThreshold: 3,
    },
    lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } },
    resources: serverResources(plan, gpu),
    securityContext: containerSecurity(engine.readOnlyRootFilesystem),
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      ...(model ? [{ name: "model", mountPath: MODELS, readOnly: true }] : []),
      ...(engine.sharedMemory ? [{ name: "shared-memory", mountPath: "/dev/shm" }] : []),
    ],
  };
}

// Memory is requested as it is limited, so that no neighbour's growth ends the pod. CPU has no limit: throttling would
// lengthen answers while the machine idles.
function serverResources(plan: EndpointPlan, gpu: GpuPlacement | undefined): core.v1.ResourceRequirements {
  const devices = gpu ? { [gpu.resource]: String(gpu.gpus) } : {};
  const storage = addQuantities(plan.disk, plan.scratch);
  return {
    requests: { cpu: plan.cpu, memory: plan.memory, "ephemeral-storage": storage, ...devices },
    limits: { memory: plan.memory, ...devices },
  };
}
