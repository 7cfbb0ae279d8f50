import type * as pulumi from "@pulumi/pulumi";
import { parseDuration } from "../../core/duration.js";
import type { ImageLock } from "../../core/image-lock.js";
import { type Labels, selectorLabels, standardLabels } from "../../core/labels.js";
import { resourceName } from "../../core/names.js";
import { multiplyQuantity } from "../../core/quantity.js";
import { locked } from "../../kubernetes/image-lock.js";
import { type ChosenImage, type DefaultImage, defaultImage, IMAGES } from "../../kubernetes/images.js";
import type { InferenceEndpointArgs } from "./args.js";
import { type EngineSpec, engineSpec } from "./engine.js";
import { rollout, surgeOf } from "./rollout.js";

/** Everything an endpoint's objects are made from: the arguments with defaults filled in and names given. */
export interface EndpointPlan {
  /** Name of every object: `<name>-endpoint`. */
  readonly objectName: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Labels;
  readonly selector: Labels;
  readonly engine: EngineSpec;
  readonly image: ChosenImage;
  readonly fetchImage: ChosenImage;
  readonly replicas: number;
  /** Pods beyond `replicas` while rolling out. */
  readonly surge: number;
  readonly cpu: pulumi.Input<string>;
  readonly memory: pulumi.Input<string>;
  /** Room for the model. */
  readonly disk: string;
  /** Room for everything else a pod writes: `/tmp` and logs. */
  readonly scratch: string;
  readonly startupSeconds: number;
  /** Seconds one pod may take before its rollout counts as failed: a machine, the image, then `startup`. */
  readonly podDeadlineSeconds: number;
}

const SUFFIX = "endpoint";
const DEFAULT_STARTUP = "30m";
const DEFAULT_DISK = "20Gi";

/** An autoscaler starts a GPU machine in about five minutes; an image of 20 GB takes as long again. */
const MACHINE_AND_IMAGE_SECONDS = 900;

/** Fills in defaults. Pure. Images that have no digest get that of the lock. */
export function planEndpoint(name: string, args: InferenceEndpointArgs, lock: ImageLock): EndpointPlan {
  const { platform, gpu, resources, download, model } = args;
  const spec = engineSpec(args.engine, { endpoint: name, gpus: gpu?.gpus ?? 0 });
  const facts = { noun: "inference-endpoint", name, component: "server" };
  const architecture = gpu?.node?.architecture;
  const imageOf = (given: pulumi.Input<string> | undefined, standard: DefaultImage | undefined): ChosenImage =>
    given === undefined ? defaultImage(standard!, lock, architecture) : { image: locked(given, lock) };
  const shares = gpu?.gpus ?? 1;
  const startupSeconds = Math.ceil(parseDuration(args.startup ?? DEFAULT_STARTUP));
  return {
    objectName: resourceName(name, SUFFIX),
    namespace: args.namespace ?? platform.namespace,
    labels: standardLabels({ ...facts, version: model?.version, tags: platform.tags }),
    selector: selectorLabels(facts),
    engine: spec,
    image: imageOf(args.engine.image, spec.image),
    fetchImage: imageOf(download?.image, IMAGES.node),
    replicas: args.scale?.min ?? (platform.environment === "production" ? 2 : 1),
    surge: surgeOf(args.rollout ?? rollout.rolling(), gpu !== undefined),
    cpu: resources?.cpu ?? multiplyQuantity(spec.resources.cpu, shares),
    memory: resources?.memory ?? multiplyQuantity(spec.resources.memory, shares),
    disk: model ? (download?.disk ?? DEFAULT_DISK) : "0",
    scratch: "4Gi",
    startupSeconds,
    podDeadlineSeconds: startupSeconds + MACHINE_AND_IMAGE_SECONDS,
  };
}
