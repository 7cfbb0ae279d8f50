import type { Unwrap } from "@pulumi/pulumi";
import { z } from "zod";
import { durationSchema } from "../../core/duration.js";
import { quantitySchema } from "../../core/quantity.js";
import { named, plain, ref } from "../../core/schema-notes.js";
import type { Platform } from "../../platform/platform.js";
import type { GpuPlacement, ModelArtifact } from "../../platform/refs.js";
import type { SameKeys } from "../../platform/same-keys.js";
import { isPlatform, namespaceSchema } from "../../platform/schemas.js";
import type { DownloadArgs, InferenceEndpointArgs, NetworkArgs, ResourcesArgs, ScaleArgs } from "./args.js";
import { type CustomEngine, MODEL_NAME, type TritonEngine, type VllmEngine } from "./engine.js";
import type { RollingRollout } from "./rollout.js";

const name = z.string().min(1);
const image = named(z.string().regex(/^[^\s]+$/), "the address of an image");
const port = z.int().min(1).max(65_535);
const path = named(z.string().regex(/^\/\S*$/), "a path that starts with /");
const words = z.array(z.string());
const modelName = plain(named(z.string().regex(MODEL_NAME), "letters, digits, inner ., _ and -"));

const tritonSchema = z.strictObject({
  kind: z.literal("triton"),
  image: image.optional(),
  modelName: modelName.optional(),
  args: words.optional(),
});

const vllmSchema = z.strictObject({
  kind: z.literal("vllm"),
  image: image.optional(),
  modelName: modelName.optional(),
  maxModelLength: z.int().min(1).optional(),
  args: words.optional(),
});

const customSchema = z.strictObject({
  kind: z.literal("custom"),
  image,
  port: plain(port),
  command: words.optional(),
  args: words.optional(),
  readinessPath: plain(path),
  livenessPath: plain(path).optional(),
  metrics: plain(z.strictObject({ port, path: path.optional() })).optional(),
  user: plain(z.strictObject({ uid: z.int().min(1), gid: z.int().min(0) })).optional(),
  readOnlyRootFilesystem: plain(z.boolean()).optional(),
  drain: plain(durationSchema).optional(),
});

const rollingSchema = z.strictObject({ kind: z.literal("rolling"), surge: z.int().min(0).max(100).optional() });

const scaleSchema = z
  .strictObject({ min: z.int().min(1).max(1000).optional(), max: z.int().min(1).max(1000).optional() })
  .refine(({ min, max }) => max === undefined || max === min, {
    path: ["max"],
    error: ({ input }) =>
      `${(input as { max: number }).max} is not allowed; it must equal min: this version makes a fixed number of pods and does not scale by load yet; leave max out`,
  });

const env = z.record(named(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), "the name of a variable"), z.string());
const secrets = z.record(
  named(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), "the name of a variable"),
  z.strictObject({ name, key: plain(name) }),
);

const resourcesSchema = z.strictObject({ cpu: quantitySchema.optional(), memory: quantitySchema.optional() });

const downloadSchema = z.strictObject({
  disk: plain(quantitySchema).optional(),
  image: image.optional(),
  env: env.optional(),
  secrets: secrets.optional(),
});

const networkSchema = z.strictObject({
  clients: plain(z.array(namespaceSchema)).optional(),
  egress: plain(z.array(z.strictObject({ cidr: z.union([z.cidrv4(), z.cidrv6()]), port }))).optional(),
});

export const inferenceEndpointSchema = z.strictObject({
  platform: ref<Platform>("a platform such as EksPlatform or ExistingCluster", isPlatform),
  engine: z.discriminatedUnion("kind", [tritonSchema, vllmSchema, customSchema]),
  model: ref<ModelArtifact>(
    "a model such as ModelArtifact.from({ uri, version, digest })",
    has("uri", "digest"),
  ).optional(),
  gpu: ref<GpuPlacement>(
    "a placement such as pool.place({ gpus: 1 }) or GpuPlacement.fromNodes()",
    has("gpus", "nodeSelector", "tolerations"),
  ).optional(),
  scale: plain(scaleSchema).optional(),
  rollout: plain(z.discriminatedUnion("kind", [rollingSchema])).optional(),
  namespace: namespaceSchema.optional(),
  resources: resourcesSchema.optional(),
  env: env.optional(),
  secrets: secrets.optional(),
  download: downloadSchema.optional(),
  network: plain(networkSchema).optional(),
  startup: plain(durationSchema).optional(),
  priorityClass: name.optional(),
  imagePullSecrets: z.array(name).optional(),
  serviceAccount: name.optional(),
  role: name.optional(),
});

function has(...keys: readonly string[]): (value: object) => boolean {
  return (value) => keys.every((key) => key in value);
}

// The interfaces and their schemas name the same fields, or this file does not compile.
true satisfies SameKeys<Unwrap<InferenceEndpointArgs>, z.input<typeof inferenceEndpointSchema>>;
true satisfies SameKeys<TritonEngine, z.input<typeof tritonSchema>>;
true satisfies SameKeys<VllmEngine, z.input<typeof vllmSchema>>;
true satisfies SameKeys<CustomEngine, z.input<typeof customSchema>>;
true satisfies SameKeys<RollingRollout, z.input<typeof rollingSchema>>;
true satisfies SameKeys<ScaleArgs, z.input<typeof scaleSchema>>;
true satisfies SameKeys<ResourcesArgs, z.input<typeof resourcesSchema>>;
true satisfies SameKeys<DownloadArgs, z.input<typeof downloadSchema>>;
true satisfies SameKeys<NetworkArgs, z.input<typeof networkSchema>>;
