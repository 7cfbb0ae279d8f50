import type { Unwrap } from "@pulumi/pulumi";
import { z } from "zod";
import { ref, secret } from "../core/check-args.js";
import type { ExistingClusterArgs } from "./existing-cluster.js";
import { addonsSchema, environmentSchema, namespaceSchema, tagsSchema } from "./schemas.js";
import type { SameKeys } from "./same-keys.js";

export const existingClusterSchema = z
  .strictObject({
    kubeconfig: secret(z.string().min(1, "must be the text of a kubeconfig")).optional(),
    provider: ref<ExistingClusterArgs["provider"]>("a kubernetes.Provider").optional(),
    environment: environmentSchema.optional(),
    namespace: namespaceSchema.optional(),
    tags: tagsSchema.optional(),
    addons: addonsSchema.optional(),
  })
  .refine((args) => (args.kubeconfig === undefined) !== (args.provider === undefined), {
    path: ["kubeconfig"],
    error: "give exactly one of kubeconfig (the text of a kubeconfig) and provider (a kubernetes.Provider)",
  });

true satisfies SameKeys<Unwrap<ExistingClusterArgs>, z.input<typeof existingClusterSchema>>;
