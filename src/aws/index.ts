/**
 * Plinth on Amazon Web Services.
 *
 * @packageDocumentation
 */
export type { EksClusterOutputs } from "./eks-cluster.js";
export { EksPlatform, type EksPlatformArgs } from "./eks-platform.js";
export { AWS_GPU_MACHINES } from "./machines.js";
