import { z } from "zod";
import type { Value } from "../../graph/model.js";
import { isPlainObject } from "../../graph/values.js";
import { acceleratorsParameter, taintKeysParameter } from "../accelerators.js";
import { changed, gpuServer } from "../examples.js";
import { acceleratorsIn, isGpuPod, listOf } from "../gpu-pods.js";
import { canSelectNode, requiredTerms } from "../kubernetes/selectors.js";
import { podTolerates, repels, tolerates } from "../kubernetes/taints.js";
import { told } from "../outcomes.js";
import { keysOf, plainAt } from "../paths.js";
import type { Pod } from "../pods.js";
import { acceleratorPools, type Pool } from "../pools.js";
import { defineGraphRule, type Fix } from "../rule.js";
import { both, either, every, given, is, not, read, some, type Truth } from "../truth.js";

const parameters = z.strictObject({
  accelerators: acceleratorsParameter,
  taintKeys: taintKeysParameter,
  taints: z
    .array(
      z.strictObject({
        key: z.string().min(1),
        value: z.string().default(""),
        effect: z.enum(["NoSchedule", "NoExecute"]).default("NoSchedule"),
      }),
    )
    .default([])
    .describe("Taints of accelerator nodes outside the stack; every GPU pod must tolerate them."),
  autoTolerated: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Accelerators for which the cluster's admission plugin ExtendedResourceToleration adds the toleration of the taint of the same name; not needed for GKE.",
    ),
  assumeTainted: z
    .boolean()
    .default(true)
    .describe("Whether, where no pool and no taints are told, GPU nodes are taken to have the taint of their vendor."),
});

type Config = z.output<typeof parameters>;

/** GPU001. */
export const toleratePoolTaint = defineGraphRule({
  id: "GPU001",
  name: "tolerate-pool-taint",
  pack: "gpu",
  severity: "high",
  statement: "A GPU pod tolerates the taints of the GPU nodes it can be placed on.",
  why: "A pod that does not tolerate the taint stays Pending for ever: GPU nodes are free, the autoscaler adds none, and the event names a taint that the author never heard of.",
  source: "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
  semantics:
    "Judged are pods with a container that asks for an accelerator. They tolerate every taint with effect NoSchedule or NoExecute of each accelerator pool of the same program that offers what they ask for and that their nodeSelector and required node affinity can match, and the taints in the parameter taints. Matching is Kubernetes' own. Labels that the cloud or drivers set by themselves can be anything. Where no pool is declared and taints is empty, assumeTainted stands for the key of taintKeys of the accelerator's vendor with any value and effect NoSchedule. A taint with effect NoSchedule whose key is in autoTolerated is tolerated by pods that ask for the resource of that name. GKE does this for every accelerator by itself: for its pools, and, where no pool is declared, for pods whose nodeSelector or required node affinity names labels of GKE.",
  parameters,
  check: (view, config) => {
    const pools = acceleratorPools(view);
    return view.workloads().flatMap(({ node, pods }) =>
      pods.flatMap((pod) => {
        const gpu = isGpuPod(pod.spec, config.accelerators);
        if (gpu === false || !hasTolerations(pod)) return [];
        const wanted = wantedTaints(pod, pools, config);
        const tolerated = every(wanted, ({ reached, taint, test }) => not(both(reached, not(test(taint)))));
        const missing = wanted.filter(({ reached, taint, test }) => both(reached, not(test(taint))) === true);
        return told(node, `${pod.path}.tolerations`, not(both(gpu, not(tolerated))), messageOf(missing));
      }),
    );
  },
  bad: changed(
    gpuServer,
    "      tolerations:\n        - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }\n",
    "",
  ),
  good: gpuServer,
  fix: (object, finding) => tolerateVendorTaint(object, finding),
});

/** Whether tolerations can be set here at all: those of a TrainJob's pods are in its runtime. */
function hasTolerations({ fields }: Pod): boolean {
  return fields === undefined || fields.includes("tolerations");
}

interface Wanted {
  readonly taint: Value;
  /** The pool that has it; absent for taints from the configuration. */
  readonly pool?: Pool;
  /** Whether a node with the taint can be chosen for the pod. */
  readonly reached: Truth;
  readonly test: (taint: Value) => Truth;
}

/**
 * The taints that a pod can meet. Where the admission plugin ExtendedResourceToleration runs, as it does on GKE, pods get
 * a toleration of each extended resource that they ask for, with operator Exists and effect NoSchedule.
 *
 * Source: kubernetes/kubernetes plugin/pkg/admission/extendedresourcetoleration/admission.go;
 * https://cloud.google.com/kubernetes-engine/docs/how-to/gpus#create.
 */
function wantedTaints(pod: Pod, pools: readonly Pool[], config: Config): readonly Wanted[] {
  const names = acceleratorsIn(pod.spec, config.accelerators);
  const tolerated = (taint: Value, added: readonly string[]): Truth =>
    either(
      some(added, (key) => tolerates({ key, operator: "Exists", effect: "NoSchedule" }, taint)),
      podTolerates(pod.spec, taint),
    );
  const auto = names.filter((name) => config.autoTolerated.includes(name));
  const test = (taint: Value) => tolerated(taint, auto);
  const outside = config.taints.map((taint): Wanted => ({ taint, reached: true, test }));
  if (pools.length === 0 && outside.length === 0 && config.assumeTainted) {
    return assumedKeys(names, config).map((key): Wanted => {
      const taint = { key, effect: "NoSchedule" };
      const isAdded = either(auto.includes(key), both(names.includes(key), choosesGke(pod.spec)));
      return { taint, reached: true, test: () => either(isAdded, toleratesAnyValue(pod.spec, key)) };
    });
  }
  const met = pools
    .filter(({ resource }) => offers(resource, names))
    .flatMap((pool) => {
      const can = both(pool.accelerates, canSelectNode(pod.spec, pool.labels));
      if (!Array.isArray(pool.taints)) return [{ taint: pool.taints, pool, reached: can, test: unknownTaints }];
      const added = pool.toleratedByAdmission ? names : auto;
      return listOf(pool.taints).map((taint) => ({
        taint,
        pool,
        reached: both(can, repels(taint)),
        test: (each: Value) => tolerated(each, added),
      }));
    });
  return [...met, ...outside];
}

/** Labels of nodes that only GKE has. */
const GKE_LABELS = /^cloud\.google\.com\/(gke-|compute-class$|machine-family$)/;

/**
 * Whether the pod can only be placed on nodes of GKE, whose admission adds the tolerations: its nodeSelector or every
 * term of its required node affinity names a label of GKE.
 */
function choosesGke(podSpec: Value): Truth {
  const isOfGke = (key: Value | undefined) => given(key, (text) => GKE_LABELS.test(String(text)));
  return either(
    given(read(podSpec, ["nodeSelector"]), (selector) =>
      isPlainObject(selector) ? Object.keys(selector).some((key) => GKE_LABELS.test(key)) : false,
    ),
    given(requiredTerms(podSpec), (terms) =>
      both(
        Array.isArray(terms) && terms.length > 0,
        every(terms, (term) =>
          some(read(term, ["matchExpressions"]), (expression) =>
            both(
              isOfGke(read(expression, ["key"])),
              either(is(read(expression, ["operator"]), "In"), is(read(expression, ["operator"]), "Exists")),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Of a list of taints that is not known nothing can be said. */
function unknownTaints(taints: Value): Truth {
  return given(taints, () => true);
}

/** Whether nodes with this resource can host the pod: a pod with claims only may go anywhere. */
function offers(resource: string | undefined, names: readonly string[]): boolean {
  if (resource === undefined || names.length === 0) return true;
  return names.some((name) => vendor(name) === vendor(resource));
}

function vendor(resource: string): string {
  return resource.split("/")[0] ?? "";
}

/** The taint keys of the vendors of what a pod asks for; of a pod with claims only the first key. */
function assumedKeys(names: readonly string[], { taintKeys }: Config): readonly string[] {
  const keys = taintKeys.filter((key) => names.some((name) => vendor(name) === vendor(key)));
  return names.length === 0 ? taintKeys.slice(0, 1) : keys;
}

/** Whether some value of the taint would be tolerated: what the value is, nobody has told. */
function toleratesAnyValue(podSpec: Value, key: string): Truth {
  return some(read(podSpec, ["tolerations"]), (toleration) =>
    tolerates(toleration, { key, value: read(toleration, ["value"]) ?? "", effect: "NoSchedule" }),
  );
}

function messageOf(missing: readonly Wanted[]): string {
  const taints = missing.map(({ taint, pool }) => {
    const text = (key: string) => String(read(taint, [key]) ?? "");
    const name = `${text("key")}${text("value") === "" ? "" : `=${text("value")}`}:${text("effect")}`;
    return pool ? `${name} of pool ${pool.name}` : name;
  });
  return `the pod does not tolerate ${taints.join(" and ")}, so it can never be placed there`;
}

/** Adds the toleration that every GPU node of the vendor needs; taints of one's own are one's own to tolerate. */
const tolerateVendorTaint: Fix = (object, { path }) => {
  const keys = keysOf(path);
  const podSpec = plainAt(object, keys.slice(0, -1)) as Value;
  const { taintKeys, accelerators } = parameters.parse({});
  const names = acceleratorsIn(podSpec, accelerators);
  const missing = taintKeys
    .filter((key) => names.some((name) => vendor(name) === vendor(key)))
    .filter((key) => toleratesAnyValue(podSpec, key) === false)
    .map((key) => ({ key, operator: "Exists", effect: "NoSchedule" }));
  const own = plainAt(object, keys);
  if (missing.length === 0 || keys.at(-1) !== "tolerations") return [];
  return [{ op: "set", path: keys, value: [...(Array.isArray(own) ? own : []), ...missing] }];
};
