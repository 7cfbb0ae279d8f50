import type { Rule } from "../rule.js";
import { encryptedTls } from "./access.js";
import { lifecycleSafe, replicatedData } from "./durability.js";
import { endpointDataEncrypted, onlineStoreSecure, pitrBackups, statefulProtected } from "./stores.js";
import { registryVersioned } from "./versioning.js";

/** Models, features and data at rest. */
export const data: readonly Rule[] = [
  registryVersioned,
  encryptedTls,
  replicatedData,
  statefulProtected,
  onlineStoreSecure,
  pitrBackups,
  endpointDataEncrypted,
  lifecycleSafe,
];
