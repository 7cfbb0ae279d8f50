import { createHash } from "node:crypto";
import type { Finding } from "../../policy/judge.js";

/**
 * Names a finding for as long as it is the same: rule, resource and place, but neither the stack nor the message, so
 * that a dev and a prod stack share it and a reworded message is no new finding. 16 hexadecimal digits.
 */
export function fingerprint({ rule, resource, path }: Pick<Finding, "rule" | "resource" | "path">): string {
  const urn = resource.urn.replace(/^urn:pulumi:[^:]*::/, "urn:pulumi:::");
  return createHash("sha256").update([rule, urn, path].join("\n")).digest("hex").slice(0, 16);
}
