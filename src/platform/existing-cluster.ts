import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs } from "../core/check-args.js";
import type { Addons } from "./addons.js";
import { isBranded } from "./brand.js";
import { existingClusterSchema } from "./existing-cluster.schema.js";
import type { Environment, Platform } from "./platform.js";

export interface ExistingClusterArgs {
  /** The text of a kubeconfig. Kept secret. Give this or `provider`. */
  readonly kubeconfig?: pulumi.Input<string>;
  /** A Kubernetes provider of yours. Give this or `kubeconfig`. */
  readonly provider?: KubernetesProvider;
  /** How much is at stake: sets the defaults of what nouns make. @default "production", the most careful */
  readonly environment?: Environment;
  /** Namespace of what nouns make when they are given none. It must exist. @default "default" */
  readonly namespace?: string;
  /** Put as labels on everything the nouns make. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** What the cluster has besides Kubernetes. @default nothing */
  readonly addons?: Addons;
}

const BRAND = Symbol.for("plinth.ExistingCluster");

/**
 * Any Kubernetes cluster that is there already, by its kubeconfig or your provider. It can do what Kubernetes can;
 * it makes no machines and no cloud identities: for GPUs there use `GpuPlacement.fromNodes`.
 */
export class ExistingCluster extends pulumi.ComponentResource implements Platform {
  readonly kind = "ExistingCluster";
  readonly name: string;
  readonly environment: Environment;
  readonly namespace: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly provider: KubernetesProvider;
  readonly addons: Addons;
  /** @internal */
  readonly [BRAND] = true;

  /** @throws ArgsError naming every argument that cannot work. */
  constructor(name: string, args: ExistingClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    const environment = args?.environment ?? "production";
    const namespace = args?.namespace ?? "default";
    super("plinth:index:ExistingCluster", name, { environment, namespace, tags: args?.tags ?? {} }, opts);
    const checked = checkArgs(`ExistingCluster "${name}"`, existingClusterSchema, args);
    this.name = name;
    this.environment = environment;
    this.namespace = namespace;
    this.tags = checked.tags ?? {};
    this.addons = checked.addons ?? {};
    this.provider =
      checked.provider ??
      new KubernetesProvider(name, { kubeconfig: pulumi.secret(checked.kubeconfig ?? "") }, { parent: this });
    this.registerOutputs({});
  }

  /** Whether a value is an ExistingCluster, also one of another copy of this package. */
  static override isInstance(value: unknown): value is ExistingCluster {
    return isBranded(value, BRAND);
  }
}
