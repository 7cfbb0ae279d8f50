import type { Rule } from "../rule.js";
import { endpointNotPublic } from "./exposure.js";
import { ownIdentity } from "./identity.js";
import { networkPolicy } from "./network.js";
import { nodeMetadata } from "./nodes.js";
import { notebookLocked } from "./notebooks.js";
import { podSecurity } from "./pod-security.js";
import { leastPrivilege } from "./policies.js";
import { secretsNotInEnv } from "./secrets.js";

/** What pods, people and networks may do. */
export const security: readonly Rule[] = [
  podSecurity,
  ownIdentity,
  leastPrivilege,
  networkPolicy,
  endpointNotPublic,
  secretsNotInEnv,
  nodeMetadata,
  notebookLocked,
];
