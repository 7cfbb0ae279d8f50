import type { Unwrap } from "@pulumi/pulumi";
import { z } from "zod";
import { plain, ref, secret } from "../core/schema-notes.js";
import type { ExistingClusterArgs } from "./existing-cluster.js";
import type { SameKeys } from "./same-keys.js";
import { addonsSchema, environmentSchema, namespaceSchema, tagsSchema } from "./schemas.js";

export const existingClusterSchema = z
  .strictObject({
    kubeconfig: secret(z.string().min(1, "must be the text of a kubeconfig")).optional(),
    provider: ref<ExistingClusterArgs["provider"]>("a kubernetes.Provider").optional(),
    environment: plain(environmentSchema).optional(),
    namespace: plain(namespaceSchema).optional(),
    tags: plain(tagsSchema).optional(),
    addons: plain(addonsSchema).optional(),
  })
  .refine((args) => (args.kubeconfig === undefined) !== (args.provider === undefined), {
    path: ["kubeconfig"],
    error: "give exactly one of kubeconfig (the text of a kubeconfig) and provider (a kubernetes.Provider)",
  });

true satisfies SameKeys<Unwrap<ExistingClusterArgs>, z.input<typeof existingClusterSchema>>;
