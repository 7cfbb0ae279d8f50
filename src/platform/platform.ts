import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import { ArgsError } from "../core/args-error.js";
import type { Addons } from "./addons.js";
import type { WorkloadIdentity } from "./identity.js";
import type { NodePools } from "./node-pools.js";
import type { ObjectStore } from "./object-store.js";

/** How much is at stake. The only meaning of "production" in Plinth's defaults and rules. */
export type Environment = "production" | "staging" | "development";

export const ENVIRONMENTS = ["production", "staging", "development"] as const satisfies readonly Environment[];

/** What a platform may be able to do beyond running pods. A noun asks for one with `requireCapability`. */
export interface Capabilities {
  /** Makes pools of GPU machines. */
  readonly nodePools?: NodePools;
  /** Gives pods an identity towards the cloud. */
  readonly identity?: WorkloadIdentity;
  /** The cloud's object store, by reference. */
  readonly objectStore?: ObjectStore;
}

/** Where the nouns put what they make: one cluster, and what is around it. */
export interface Platform extends Capabilities {
  /** The class that made it, for messages: `EksPlatform`. */
  readonly kind: string;
  /** The Pulumi name of the platform. */
  readonly name: string;
  /** How much is at stake. */
  readonly environment: Environment;
  /** Namespace of what nouns make when they are given none. It must exist; Plinth never creates one. */
  readonly namespace: string;
  /** Put as labels on every Kubernetes object and as tags on every cloud resource. */
  readonly tags: Readonly<Record<string, string>>;
  /** The Kubernetes provider of this cluster. The ambient kubeconfig context is never used. */
  readonly provider: pulumi.ProviderResource;
  /** Which operators and gateways the cluster has. */
  readonly addons: Addons;
}

/** For each capability: what it is called in messages, and which platforms have it. */
const CAPABILITIES: { readonly [K in keyof Required<Capabilities>]: { what: string; platforms: readonly string[] } } = {
  nodePools: { what: "pools of GPU machines", platforms: ["EksPlatform (plinth/aws)"] },
  identity: { what: "cloud identities for pods", platforms: ["EksPlatform (plinth/aws)"] },
  objectStore: { what: "an object store", platforms: ["EksPlatform (plinth/aws)"] },
};

/**
 * The platform's capability, or an error that says who needed it for what.
 *
 * @param noun Who asks, as in `GpuNodePool "serving"`.
 * @param field The argument that needs it.
 * @throws ArgsError when the platform does not have it.
 */
export function requireCapability<K extends keyof Capabilities>(
  platform: Platform,
  capability: K,
  noun: string,
  field: string,
): NonNullable<Capabilities[K]> {
  const found = platform[capability];
  if (found) return found as NonNullable<Capabilities[K]>;
  const { what, platforms } = CAPABILITIES[capability];
  throw new ArgsError(noun, [
    {
      field,
      message: `needs ${what}, which ${platform.kind} "${platform.name}" does not have; platforms that do: ${platforms.join(", ")}`,
    },
  ]);
}

/**
 * The options for a Kubernetes object that a noun makes: a child of the noun, through the platform's provider unless
 * the noun's own options name one.
 */
export function kubernetesChild(
  parent: pulumi.ComponentResource,
  platform: Platform,
  opts: pulumi.ComponentResourceOptions | undefined,
): pulumi.CustomResourceOptions {
  return { parent, ...(namesKubernetesProvider(opts) ? {} : { provider: platform.provider }) };
}

function namesKubernetesProvider(opts: pulumi.ComponentResourceOptions | undefined): boolean {
  const providers = opts?.providers;
  const listed = !providers ? [] : Array.isArray(providers) ? providers : Object.values(providers);
  return [opts?.provider, ...listed].some((provider) => KubernetesProvider.isInstance(provider));
}
