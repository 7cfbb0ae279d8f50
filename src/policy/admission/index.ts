export {
  type AdmissionObject,
  type AdmissionOptions,
  admissionPolicies,
  builtInControllers,
  type EmittedPolicies,
  exemptedNamespaces,
  type MatchCondition,
  type ValidationAction,
} from "./policies.js";
export type { LeftOut, ToldWaiver } from "./waivers.js";
