import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { ArgsError } from "../../core/args-error.js";
import { checkArgs } from "../../core/check-args.js";
import { formatDuration } from "../../core/duration.js";
import { resourceName } from "../../core/names.js";
import { programLock } from "../../kubernetes/image-lock.js";
import { runtimeBundle } from "../../kubernetes/runtime-bundle.js";
import { isBranded } from "../../platform/brand.js";
import type { IdentityGrant } from "../../platform/identity.js";
import { kubernetesChild, requireCapability } from "../../platform/platform.js";
import type { Endpoint } from "../../platform/refs.js";
import type { InferenceEndpointArgs } from "./args.js";
import { combinationFaults } from "./faults.js";
import { endpointNetwork } from "./network.js";
import { type EndpointPlan, planEndpoint } from "./plan.js";
import { endpointPod } from "./pod.js";
import { deploymentStrategy } from "./rollout.js";
import { inferenceEndpointSchema } from "./schema.js";

/** What an endpoint makes. Absent: not made for these arguments. */
export interface InferenceEndpointResources {
  readonly deployment: Deployment;
  readonly service: Service;
  readonly networkPolicy: NetworkPolicy;
  /** Absent with one pod, where it would only block draining its machine. */
  readonly podDisruptionBudget?: PodDisruptionBudget;
  /** Absent when an existing one was given. */
  readonly serviceAccount?: ServiceAccount;
  /** The download program. Absent without `model`. */
  readonly fetchProgram?: ConfigMap;
  /** What the platform made for the pods' identity, by name; empty without one. */
  readonly identity: Readonly<Record<string, pulumi.Resource>>;
}

const BRAND = Symbol.for("plinth.InferenceEndpoint");

/** A model behind a Service: pods that download the pinned version, verify it and answer predictions. */
export class InferenceEndpoint extends pulumi.ComponentResource implements Endpoint {
  /** The name it was given in the program. */
  readonly endpointName: string;
  /** Where pods of the cluster reach it, e.g. `http://fraud-endpoint.ml.svc:8000`. */
  readonly url: pulumi.Output<string>;
  readonly resources: InferenceEndpointResources;
  /** @internal */
  readonly [BRAND] = true;

  /** @throws ArgsError naming every argument that cannot work. */
  constructor(name: string, args: InferenceEndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("plinth:index:InferenceEndpoint", name, componentInputs(args), opts);
    const construct = `InferenceEndpoint "${name}"`;
    const checked = checkArgs(construct, inferenceEndpointSchema, args);
    const plan = planEndpoint(name, checked, programLock());
    const faults = combinationFaults(checked, plan);
    if (faults.length > 0) throw new ArgsError(construct, faults);
    warnOfGaps(plan, this);

    this.endpointName = name;
    this.resources = makeResources(name, checked, plan, this, opts);
    this.url = pulumi.interpolate`http://${plan.objectName}.${plan.namespace}.svc:${plan.engine.ports[0]!.port}`;
    this.registerOutputs({ url: this.url });
  }

  /** Whether a value is an InferenceEndpoint, also one of another copy of this package. */
  static override isInstance(value: unknown): value is InferenceEndpoint {
    return isBranded(value, BRAND);
  }
}

/** What policies and the state see of the intent: plain facts, no platform and no secret. */
function componentInputs(args: InferenceEndpointArgs): pulumi.Inputs {
  return {
    engine: args?.engine?.kind,
    model: args?.model && { version: args.model.version, digest: args.model.digest },
    gpus: args?.gpu?.gpus,
    scale: args?.scale,
    rollout: args?.rollout?.kind,
  };
}

function warnOfGaps(plan: EndpointPlan, endpoint: InferenceEndpoint): void {
  if (plan.replicas > 1 || plan.surge > 0) return;
  pulumi.log.warn(
    "one pod and no room for a second one while rolling out: nothing answers during each update; set scale.min to 2, or rollout.rolling({ surge: 1 }) where a GPU is free",
    endpoint,
  );
}

function makeResources(
  name: string,
  args: InferenceEndpointArgs,
  plan: EndpointPlan,
  parent: InferenceEndpoint,
  opts: pulumi.ComponentResourceOptions | undefined,
): InferenceEndpointResources {
  const { objectName, namespace, labels, selector } = plan;
  const logical = `${name}-endpoint`;
  const child = kubernetesChild(parent, args.platform, opts);
  const metadata = { name: objectName, namespace, labels };

  const grant = makeIdentity(logical, args, plan, parent);
  const serviceAccount =
    args.serviceAccount === undefined
      ? new ServiceAccount(
          logical,
          { metadata: { ...metadata, annotations: { ...grant?.annotations } }, automountServiceAccountToken: false },
          child,
        )
      : undefined;
  const bundle = args.model && runtimeBundle("fetch");
  // The text's hash is in the name, since an immutable ConfigMap cannot change: new text is a new ConfigMap.
  const fetchConfigMap = resourceName(name, `endpoint-fetch${bundle ? `-${bundle.hash}` : ""}`);
  const fetchProgram =
    bundle &&
    new ConfigMap(
      `${logical}-fetch`,
      { metadata: { ...metadata, name: fetchConfigMap }, immutable: true, data: { [bundle.file]: bundle.text } },
      child,
    );
  const networkPolicy = new NetworkPolicy(
    logical,
    { metadata, spec: endpointNetwork(args, plan, grant?.credentialAddresses ?? []) },
    child,
  );

  // Names are set here and not read from Outputs, so the order in which things are made has to be said.
  const before = [serviceAccount, fetchProgram, networkPolicy, ...Object.values(grant?.resources ?? {})];
  const podDeadline = formatDuration(plan.podDeadlineSeconds);
  const deployment = new Deployment(
    logical,
    {
      metadata,
      spec: {
        replicas: plan.replicas,
        revisionHistoryLimit: 3,
        minReadySeconds: 10,
        progressDeadlineSeconds: plan.podDeadlineSeconds,
        selector: { matchLabels: selector },
        strategy: deploymentStrategy(plan.surge),
        template: {
          metadata: { labels, annotations: modelAnnotations(args) },
          spec: endpointPod(args, plan, {
            endpoint: name,
            serviceAccount: args.serviceAccount ?? objectName,
            fetchConfigMap,
          }),
        },
      },
    },
    {
      ...child,
      dependsOn: [...before.filter((resource) => resource !== undefined), ...(args.gpu?.dependsOn ?? [])],
      // Pulumi gives a Deployment ten minutes, less than a GPU machine and a large model take.
      customTimeouts: { create: podDeadline, update: formatDuration(plan.podDeadlineSeconds * plan.replicas) },
    },
  );
  const service = new Service(
    logical,
    {
      // The Deployment is waited for; waiting here as well would end after ten minutes.
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "ClusterIP",
        selector,
        ports: plan.engine.ports.map(({ name: portName, port, appProtocol }) => ({
          name: portName,
          port,
          targetPort: portName,
          protocol: "TCP",
          ...(appProtocol && { appProtocol }),
        })),
      },
    },
    child,
  );
  const podDisruptionBudget =
    plan.replicas > 1
      ? new PodDisruptionBudget(
          logical,
          {
            metadata,
            spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector: { matchLabels: selector } },
          },
          child,
        )
      : undefined;
  return {
    deployment,
    service,
    networkPolicy,
    ...(podDisruptionBudget && { podDisruptionBudget }),
    ...(serviceAccount && { serviceAccount }),
    ...(fetchProgram && { fetchProgram }),
    identity: grant?.resources ?? {},
  };
}

/**
 * The identity by which the pods read the model, where the platform can give one for the model's store. Elsewhere the
 * download uses `download.env`, `download.secrets`, or what an existing ServiceAccount brings.
 */
function makeIdentity(
  logical: string,
  args: InferenceEndpointArgs,
  plan: EndpointPlan,
  parent: InferenceEndpoint,
): IdentityGrant | undefined {
  const { platform, model, role } = args;
  if (args.serviceAccount !== undefined) return undefined;
  const reads = model !== undefined && isInStore(model.uri, platform.objectStore?.schemes ?? []);
  if (role === undefined && !(reads && platform.identity)) return undefined;
  const identity = requireCapability(platform, "identity", `InferenceEndpoint "${parent.endpointName}"`, "role");
  return identity.grant(
    {
      name: logical,
      namespace: plan.namespace,
      serviceAccount: plan.objectName,
      read: reads ? [model.uri] : [],
      ...(role !== undefined && { role }),
    },
    parent,
  );
}

/** An address that is known only later is taken to be in the platform's store; it is checked when it is known. */
function isInStore(uri: pulumi.Input<string>, schemes: readonly string[]): boolean {
  return typeof uri !== "string" ? schemes.length > 0 : schemes.some((scheme) => uri.startsWith(`${scheme}://`));
}

/** Says on each pod which model it serves; a new version is a new pod. */
function modelAnnotations({ model }: InferenceEndpointArgs): Record<string, pulumi.Input<string>> {
  if (!model) return {};
  return {
    "plinth.dev/model-uri": model.uri,
    "plinth.dev/model-version": model.version,
    "plinth.dev/model-digest": model.digest,
  };
}
