import { z } from "zod";
import type { ResourceNode } from "../../graph/model.js";
import { refersTo } from "../cloud.js";
import type { Truth } from "../truth.js";
import type { GraphView } from "../view.js";

/** Buckets of S3 and of Cloud Storage; what is set by resources of its own on the first. */
export const S3_BUCKET = /^aws:s3\/bucket(V2)?:Bucket(V2)?$/;
export const GCS_BUCKET = /^gcp:storage\/bucket:Bucket$/;

/** Which buckets hold models and data, shared by the rules of the pack. */
export const bucketsParameter = z
  .string()
  .refine(isRegex, "must be a regular expression")
  .default("(model|registry|artifact|feature|dataset)")
  .describe(
    "Regular expression, without regard to capitals, that finds the buckets which hold models and data by their name in the program or in the cloud.",
  );

/** Whether a bucket is one that the parameter means, by the name in the program or, where it is known, in the cloud. */
export function isSelected(node: ResourceNode, buckets: string): boolean {
  const physical = GCS_BUCKET.test(node.type) ? node.inputs.name : node.inputs.bucket;
  return isMeant(node.name, buckets) || (typeof physical === "string" && isMeant(physical, buckets));
}

/** Whether the name of a bucket is one that the parameter means. */
export function isMeant(name: string, buckets: string): boolean {
  return new RegExp(buckets, "i").test(name);
}

export function selected(view: GraphView, type: RegExp, buckets: string): readonly ResourceNode[] {
  return view.ofType(type).filter((node) => isSelected(node, buckets));
}

/** Whether a resource of S3 (versioning, policy, lifecycle …) is about this bucket. */
export function isAbout(bucket: ResourceNode): (node: ResourceNode) => Truth {
  return (node) => refersTo(node, "bucket", bucket, "bucket");
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source, "i");
    return true;
  } catch {
    return false;
  }
}
