import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "../core/names.js";

/** IAM takes 64 characters (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const MAX_ROLE_NAME = 64;

/**
 * The name of an IAM role. Set by us, so that policies and audits can name it before it exists; with the project and
 * the stack in it, since an account has one space of role names for all regions and clusters.
 */
export function roleName(name: string, suffix: string): string {
  return resourceName(`${pulumi.getProject()}-${pulumi.getStack()}-${name}`, suffix, MAX_ROLE_NAME);
}
