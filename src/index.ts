/**
 * Plinth: typed Pulumi components for machine-learning platforms.
 *
 * @packageDocumentation
 */
export { GpuNodePool, type GpuNodePoolArgs, type PlaceArgs } from "./constructs/gpu-node-pool/gpu-node-pool.js";
export type {
  DownloadArgs,
  InferenceEndpointArgs,
  NetworkArgs,
  ResourcesArgs,
  ScaleArgs,
} from "./constructs/inference-endpoint/args.js";
export {
  type CustomEngine,
  type Engine,
  engine,
  type TritonEngine,
  type VllmEngine,
} from "./constructs/inference-endpoint/engine.js";
export {
  InferenceEndpoint,
  type InferenceEndpointResources,
} from "./constructs/inference-endpoint/inference-endpoint.js";
export { type RollingRollout, type Rollout, rollout } from "./constructs/inference-endpoint/rollout.js";
export { ArgsError, type ArgsFault } from "./core/args-error.js";
export type { SecretKey } from "./kubernetes/pod.js";
export type { Addons, PrometheusAddon } from "./platform/addons.js";
export { ExistingCluster, type ExistingClusterArgs } from "./platform/existing-cluster.js";
export type { IdentityGrant, IdentityRequest, WorkloadIdentity } from "./platform/identity.js";
export type { Capacity, GpuMachine, NodePoolSpec, NodePools, Taint } from "./platform/node-pools.js";
export type { ObjectStore } from "./platform/object-store.js";
export { type Capabilities, type Environment, type Platform, requireCapability } from "./platform/platform.js";
export {
  Endpoint,
  type ExistingGpuNodes,
  GpuPlacement,
  ModelArtifact,
  type ModelArtifactArgs,
  type NodeShape,
  type Toleration,
} from "./platform/refs.js";
