import { ValidatingAdmissionPolicy } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicy.js";
import { ValidatingAdmissionPolicyBinding } from "@pulumi/kubernetes/admissionregistration/v1/validatingAdmissionPolicyBinding.js";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourceDefinition } from "@pulumi/kubernetes/apiextensions/v1/customResourceDefinition.js";
import { Provider as KubernetesProvider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { ArgsError } from "../../core/args-error.js";
import { rules as catalogue, type Environment, type Rule } from "../../rules/index.js";
import { type AdmissionObject, type AdmissionOptions, admissionPolicies } from "./policies.js";

export interface AdmissionPoliciesArgs extends Omit<AdmissionOptions, "environment" | "name" | "version"> {
  /** The cluster: any of Plinth's platforms. @default the provider in the component's options */
  readonly platform?: { readonly environment: Environment; readonly provider: pulumi.ProviderResource };
  /** Where the cluster stands. @default the platform's environment, else unknown: rules for production are silent */
  readonly environment?: Environment;
  /** The rules; those across resources are passed over. @default the catalogue */
  readonly rules?: readonly Rule[];
  /** The name of the parameter object and the start of the names of policies. @default the component's name */
  readonly policyName?: string;
  /**
   * Whether to make the definition of `PolicyParameters`, which a cluster has once.
   *
   * @default true
   */
  readonly define?: boolean;
  /** The day on which waivers are looked at: `2026-11-21`. @default today, so that each `pulumi up` drops what has expired */
  readonly today?: string;
}

const BRAND = Symbol.for("plinth.AdmissionPolicies");

/**
 * The rules on single objects as ValidatingAdmissionPolicies of a cluster: what `plinth policies emit` writes, deployed.
 *
 * ```ts
 * new AdmissionPolicies("plinth", { platform, validationActions: ["Warn", "Audit"] });
 * ```
 */
export class AdmissionPolicies extends pulumi.ComponentResource {
  /** What was made. */
  readonly resources: {
    readonly definition?: CustomResourceDefinition;
    readonly parameters: CustomResource;
    readonly policies: readonly ValidatingAdmissionPolicy[];
    readonly bindings: readonly ValidatingAdmissionPolicyBinding[];
  };
  /** @internal */
  readonly [BRAND] = true;

  /**
   * @throws ArgsError when neither a platform nor a Kubernetes provider is given.
   * @throws ZodError when parameters do not fit a rule.
   */
  constructor(name: string, args: AdmissionPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { platform, rules = catalogue, policyName = name, define = true, today = thisDay(), ...options } = args;
    const environment = args.environment ?? platform?.environment;
    super("plinth:index:AdmissionPolicies", name, { policyName, ...(environment && { environment }) }, opts);
    const emitted = admissionPolicies(rules, { ...options, environment, name: policyName, today });
    for (const { what, why } of emitted.leftOut) {
      void pulumi.log.warn(`the ${what} does not count in the cluster: ${why}`, this);
    }
    const child = { parent: this, ...providerOf(name, platform, opts) };
    const definition = define
      ? new CustomResourceDefinition(name, inputsOf(CustomResourceDefinition, emitted.definition), child)
      : undefined;
    const parameters = new CustomResource(name, emitted.parameters, {
      ...child,
      ...(definition && { dependsOn: [definition] }),
    });
    const policies = emitted.policies.map((object) => {
      const inputs = inputsOf(ValidatingAdmissionPolicy, object);
      return new ValidatingAdmissionPolicy(`${name}-${ruleOf(object)}`, inputs, { ...child, dependsOn: [parameters] });
    });
    const bindings = emitted.bindings.map((object, at) => {
      const inputs = inputsOf(ValidatingAdmissionPolicyBinding, object);
      const dependsOn = policies.slice(at, at + 1);
      return new ValidatingAdmissionPolicyBinding(`${name}-${ruleOf(object)}`, inputs, { ...child, dependsOn });
    });
    this.resources = { ...(definition && { definition }), parameters, policies, bindings };
    this.registerOutputs({});
  }

  /** Whether a value is an AdmissionPolicies, also one of another copy of this package. */
  static override isInstance(value: unknown): value is AdmissionPolicies {
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

/** The plain object as the inputs of a resource; the API server has checked its form in the tests. */
function inputsOf<Args>(_: new (name: string, args: Args) => object, object: AdmissionObject): Args {
  return object as unknown as Args;
}

function ruleOf({ metadata }: AdmissionObject): string {
  return (metadata.annotations?.["plinth.dev/rule"] ?? "").toLowerCase();
}

function thisDay(): string {
  return new Date().toISOString().slice(0, 10);
}

/** The platform's provider, unless the component's own options name one. */
function providerOf(
  name: string,
  platform: AdmissionPoliciesArgs["platform"],
  opts: pulumi.ComponentResourceOptions | undefined,
): { readonly provider?: pulumi.ProviderResource } {
  const providers = opts?.providers ?? [];
  const listed = Array.isArray(providers) ? providers : Object.values(providers);
  if ([opts?.provider, ...listed].some((provider) => KubernetesProvider.isInstance(provider))) return {};
  if (platform) return { provider: platform.provider };
  const message = "is required: give a platform, or a kubernetes.Provider in the component's options";
  throw new ArgsError(`AdmissionPolicies "${name}"`, [{ field: "platform", message }]);
}
