/**
 * What Plinth knows about Google Cloud. There is no GKE platform yet: until there is, use `ExistingCluster` with the
 * cluster's kubeconfig.
 *
 * @packageDocumentation
 */
export { GCP_GPU_MACHINES, type GcpGpuMachine } from "./machines.js";
