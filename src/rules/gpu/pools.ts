import { z } from "zod";
import { taintKeysParameter } from "../accelerators.js";
import { repels } from "../kubernetes/taints.js";
import { told } from "../outcomes.js";
import { acceleratorPools } from "../pools.js";
import { defineGraphRule } from "../rule.js";
import { both, either, given, not, read, some } from "../truth.js";

/** GPU005. */
export const poolIsTainted = defineGraphRule({
  id: "GPU005",
  name: "pool-is-tainted",
  pack: "gpu",
  severity: "high",
  statement: "A pool of accelerator nodes has a taint that keeps other pods off.",
  why: "Without a taint the scheduler fills GPU nodes with whatever fits, GPU pods then wait for CPU and memory, and the autoscaler cannot remove the nodes.",
  source: "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#example-use-cases",
  semantics:
    "Judged are EKS node groups with instance types (or, without them, an image) for accelerators, GKE node pools with guestAccelerators or an accelerator machine type, and Karpenter NodePools whose requirements choose machines with accelerators (GPU labels, or a family, category or type that has some). One of their taints has a key of taintKeys and effect NoSchedule or NoExecute. GKE taints nodes with accelerators by itself. Startup taints of Karpenter do not count, as they go away.",
  parameters: z.strictObject({ taintKeys: taintKeysParameter }),
  check: (view, { taintKeys }) =>
    acceleratorPools(view).flatMap(({ node, name, accelerates, taints, taintsPath, resource }) => {
      const tainted = some(taints, (taint) =>
        both(
          repels(taint),
          given(read(taint, ["key"]), (key) => typeof key === "string" && taintKeys.includes(key)),
        ),
      );
      return told(
        node,
        taintsPath,
        either(not(accelerates), tainted),
        `pool ${name} has nodes with ${resource ?? "accelerators"} and no taint with effect NoSchedule or NoExecute and one of the keys ${taintKeys.join(", ")}`,
      );
    }),
  bad: `apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: gpus }
spec:
  limits: { nvidia.com/gpu: 8 }
  template:
    spec:
      nodeClassRef: { group: karpenter.k8s.aws, kind: EC2NodeClass, name: gpus }
      requirements:
        - { key: karpenter.k8s.aws/instance-family, operator: In, values: [g6] }
`,
  good: `apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: gpus }
spec:
  limits: { nvidia.com/gpu: 8 }
  template:
    spec:
      nodeClassRef: { group: karpenter.k8s.aws, kind: EC2NodeClass, name: gpus }
      requirements:
        - { key: karpenter.k8s.aws/instance-family, operator: In, values: [g6] }
      taints:
        - { key: nvidia.com/gpu, value: present, effect: NoSchedule }
`,
});
