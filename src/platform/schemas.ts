import { z } from "zod";
import { isDnsLabel } from "../core/names.js";
import { ENVIRONMENTS } from "./platform.js";

export const environmentSchema = z.enum(ENVIRONMENTS);

export const namespaceSchema = z.string().refine(isDnsLabel, {
  error: "must be a namespace: at most 63 lower-case letters, digits and inner hyphens",
});

export const tagsSchema = z.record(z.string().min(1), z.string());

const httpUrl = z.url({ protocol: /^https?$/, error: "must be a URL that starts with http:// or https://" });

export const addonsSchema = z.strictObject({
  prometheus: z.strictObject({ url: httpUrl, namespace: namespaceSchema.optional() }).optional(),
});
