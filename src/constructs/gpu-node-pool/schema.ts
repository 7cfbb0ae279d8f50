import type { Unwrap } from "@pulumi/pulumi";
import { z } from "zod";
import { plain, ref } from "../../core/schema-notes.js";
import { CAPACITIES } from "../../platform/node-pools.js";
import type { Platform } from "../../platform/platform.js";
import type { SameKeys } from "../../platform/same-keys.js";
import { isPlatform, labelsSchema } from "../../platform/schemas.js";
import type { GpuNodePoolArgs } from "./gpu-node-pool.js";

const capacity = z.enum(CAPACITIES);

/** Labels that say what the pool is, or that the cloud keeps for itself. */
const RESERVED =
  /^(nvidia\.com\/gpu\.present|plinth\.dev\/.*|k8s\.amazonaws\.com\/accelerator|([^/]*\.)?(eks\.amazonaws\.com|kubernetes\.io|k8s\.io)\/.*)$/;

export const gpuNodePoolSchema = z
  .strictObject({
    platform: ref<Platform>("a platform such as EksPlatform", isPlatform),
    machine: plain(z.string().min(1)),
    minNodes: z.int().min(0).optional(),
    maxNodes: z.int().min(1).max(450),
    capacity: plain(
      z.union([
        capacity,
        z
          .array(capacity)
          .min(1)
          .refine((all) => new Set(all).size === all.length, { error: "must name each capacity once" }),
      ]),
    ).optional(),
    diskSize: plain(z.int().min(50).max(16_384)).optional(),
    labels: plain(
      labelsSchema.refine((labels) => !Object.keys(labels).some((key) => RESERVED.test(key)), {
        error:
          "must not set labels of nvidia.com/gpu.present, plinth.dev, kubernetes.io, k8s.io or the cloud: they are set for you",
      }),
    ).optional(),
    subnets: z.array(z.string().min(1)).min(1).optional(),
    nodeRole: z.string().min(1).optional(),
  })
  .refine((args) => !(typeof args.minNodes === "number" && args.minNodes > args.maxNodes), {
    path: ["minNodes"],
    error: ({ input }) => {
      const { minNodes, maxNodes } = input as { minNodes: number; maxNodes: number };
      return `${minNodes} is not allowed; it must be at most maxNodes, ${maxNodes}`;
    },
  });

true satisfies SameKeys<Unwrap<GpuNodePoolArgs>, z.input<typeof gpuNodePoolSchema>>;
