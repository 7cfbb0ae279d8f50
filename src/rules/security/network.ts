import { z } from "zod";
import type { Value } from "../../graph/model.js";
import { acceleratorsParameter } from "../accelerators.js";
import { describe } from "../cloud.js";
import { changed, gpuServer } from "../examples.js";
import { isGpuPod } from "../gpu-pods.js";
import { told } from "../outcomes.js";
import type { Pod } from "../pods.js";
import { defineGraphRule } from "../rule.js";
import { podSelection } from "../selection.js";
import { both, either, given, not, read, same, some, type Truth } from "../truth.js";

const DIRECTIONS = ["Ingress", "Egress"] as const;
type Direction = (typeof DIRECTIONS)[number];
const NOT_COVERED: Record<Direction, Truth> = { Ingress: false, Egress: false };

/**
 * Whether a policy is about this direction. Without policyTypes a policy is about Ingress, and about Egress when it has
 * rules for it: https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource.
 */
function isAbout(policySpec: Value, direction: Direction): Truth {
  return given(read(policySpec, ["policyTypes"]), (types) => {
    if (Array.isArray(types) && types.length > 0)
      return some(types as readonly Value[], (type) => same(type, direction));
    return (
      direction === "Ingress" ||
      given(read(policySpec, ["egress"]), (rules) => Array.isArray(rules) && rules.length > 0)
    );
  });
}

/** SEC004: pods with GPUs talk to whom they must. */
export const networkPolicy = defineGraphRule({
  id: "SEC004",
  name: "network-policy",
  pack: "security",
  severity: "medium",
  statement: "A NetworkPolicy says who may reach a GPU pod and whom it may reach.",
  why: "Without a policy every pod of the cluster can call a model server past its gateway, and a package that turns out to be hostile can send weights and data anywhere.",
  source: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
  semantics:
    "For each pod with a container that asks for an accelerator, some NetworkPolicy of its namespace selects the pod for Ingress and some for Egress; one finding for a pod. What the policies allow is not looked at, nor are the policies of Cilium or Calico, nor those of manifests that are not read together with the workload.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  bad: changed(gpuServer, ", policyTypes: [Ingress, Egress] }", ", policyTypes: [Ingress] }"),
  good: gpuServer,
  check: (view, { accelerators }) => {
    const select = podSelection(view);
    const covered = new Map<Pod, Record<Direction, Truth>>();
    for (const policy of view.objects("networking.k8s.io/NetworkPolicy")) {
      const spec = read(policy.object, ["spec"]) ?? {};
      for (const { pod, matches } of select(policy, read(spec, ["podSelector"]) ?? {})) {
        const before = covered.get(pod) ?? NOT_COVERED;
        const after = (direction: Direction) => either(before[direction], both(matches, isAbout(spec, direction)));
        covered.set(pod, { Ingress: after("Ingress"), Egress: after("Egress") });
      }
    }
    return view.workloads().flatMap((workload) =>
      workload.pods.flatMap((pod) => {
        const covers = covered.get(pod) ?? NOT_COVERED;
        const missing = DIRECTIONS.filter((direction) => covers[direction] !== true);
        return told(
          workload.node,
          pod.labelsPath,
          either(not(isGpuPod(pod.spec, accelerators)), both(covers.Ingress, covers.Egress)),
          `no NetworkPolicy in the namespace ${describe(workload.namespace)} selects the pod for ${missing.join(" or ")}`,
        );
      }),
    );
  },
});
