import type { ArgsFault } from "../../core/args-error.js";
import { addQuantities, compareQuantities, isQuantity } from "../../core/quantity.js";
import { modelFaults, type NodeShape } from "../../platform/refs.js";
import type { InferenceEndpointArgs } from "./args.js";
import { supports } from "./engine.js";
import type { EndpointPlan } from "./plan.js";

/** Combinations of arguments, each right by itself, that cannot work together. */
export function combinationFaults(args: InferenceEndpointArgs, plan: EndpointPlan): ArgsFault[] {
  return [
    ...engineFaults(args),
    ...(args.model ? modelFaults(args.model).map((fault) => ({ ...fault, field: `model.${fault.field}` })) : []),
    ...placementFaults(args, plan),
    ...variableFaults(args),
    ...identityFaults(args),
  ];
}

function engineFaults({ engine, model, gpu, download }: InferenceEndpointArgs): ArgsFault[] {
  const support = supports[engine.kind];
  const faults: ArgsFault[] = [];
  if (!gpu && !support.cpu) {
    const message = `is required: the ${engine.kind} engine needs GPUs; give pool.place({ gpus: 1 }) or GpuPlacement.fromNodes()`;
    faults.push({ field: "gpu", message });
  }
  if (!model && !support.withoutModel) {
    const message = `is required: the ${engine.kind} engine serves a model from outside its image; give ModelArtifact.from({ uri, version, digest })`;
    faults.push({ field: "model", message });
  }
  if (!model && download) {
    faults.push({ field: "download", message: "has no effect without model: leave it out, or give a model" });
  }
  return faults;
}

function placementFaults({ gpu }: InferenceEndpointArgs, plan: EndpointPlan): ArgsFault[] {
  if (!gpu) return [];
  const faults: ArgsFault[] = [];
  const { maxPods, node } = gpu;
  if (maxPods !== undefined && plan.replicas > maxPods) {
    const message = `${plan.replicas} is not allowed; the GPU pool can grow to hold ${maxPods} such pods: raise its maxNodes or lower scale.min`;
    faults.push({ field: "scale.min", given: plan.replicas, message });
  } else if (maxPods !== undefined && plan.surge > 0 && plan.replicas + plan.surge > maxPods) {
    const message = `${plan.surge} is not allowed; ${plan.replicas} pods and ${plan.surge} more do not fit into the GPU pool, which can grow to hold ${maxPods}: the rollout would never end; use 0 or raise the pool's maxNodes`;
    faults.push({ field: "rollout.surge", given: plan.surge, message });
  }
  return node ? [...faults, ...sizeFaults(node, plan)] : faults;
}

function sizeFaults(node: NodeShape, plan: EndpointPlan): ArgsFault[] {
  const wanted = [
    { field: "resources.cpu", given: plan.cpu, offered: node.cpu },
    { field: "resources.memory", given: plan.memory, offered: node.memory },
    { field: "download.disk", given: addQuantities(plan.disk, plan.scratch), offered: node.disk },
  ];
  return wanted.flatMap(({ field, given, offered }) =>
    typeof given === "string" && isQuantity(given) && compareQuantities(given, offered) > 0
      ? [{ field, given, message: `${given} is not allowed; one ${node.machine} offers ${offered} to pods` }]
      : [],
  );
}

function variableFaults(args: InferenceEndpointArgs): ArgsFault[] {
  const pairs = [
    { field: "secrets", plain: args.env, secret: args.secrets },
    { field: "download.secrets", plain: args.download?.env, secret: args.download?.secrets },
  ];
  return pairs.flatMap(({ field, plain = {}, secret = {} }) =>
    Object.keys(secret)
      .filter((name) => name in plain)
      .map((name) => ({ field: `${field}.${name}`, message: "is also in env: give each variable once" })),
  );
}

function identityFaults({ role, serviceAccount }: InferenceEndpointArgs): ArgsFault[] {
  if (role === undefined || serviceAccount === undefined) return [];
  const message = "cannot be given with serviceAccount: what an existing ServiceAccount may do is set where it is made";
  return [{ field: "role", message }];
}
