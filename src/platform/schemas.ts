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

const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Labels as Kubernetes takes them. */
export const labelsSchema = z.record(
  z
    .string()
    .regex(LABEL_KEY, "must be a label's key: letters, digits, -, _ and ., with a domain and / before it if wanted"),
  z.string().regex(LABEL_VALUE, "must be a label's value: at most 63 letters, digits, inner -, _ and ."),
);

/** Whether an object can stand where a Platform is asked for. */
export function isPlatform(value: object): boolean {
  return ["kind", "name", "environment", "namespace", "tags", "provider", "addons"].every((key) => key in value);
}
