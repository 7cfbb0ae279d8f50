import { describe, expect, it } from "vitest";
import { graphOf, messages, said } from "../fixtures/judged.js";
import { acceleratorPools } from "../pools.js";
import { graphView } from "../view.js";
import { poolIsTainted } from "./pools.js";
import { sharingConsistent } from "./sharing.js";
import { toleratePoolTaint } from "./tolerations.js";

const cloud = (kind: string, name: string, spec: string) =>
  `---\napiVersion: plinth.dev/test\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: { ${spec} }\n`;
const eks = (spec: string, name = "gpus") => cloud("aws:eks/nodeGroup:NodeGroup", name, spec);
const gke = (spec: string) => cloud("gcp:container/nodePool:NodePool", "gpus", spec);
const karpenter = (requirements: string, more = "", name = "gpus", spec = "") =>
  `---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: { name: ${name} }
spec: { ${spec} template: { spec: { requirements: [${requirements}], ${more} } } }
`;
const g6 = "{ key: karpenter.k8s.aws/instance-family, operator: In, values: [g6] }";
const taint = "taints: [{ key: nvidia.com/gpu, value: present, effect: NoSchedule }]";
const eksTaint = "taints: [{ key: nvidia.com/gpu, value: present, effect: NO_SCHEDULE }]";

describe("GPU005: a pool", () => {
  const nodeGroup = ["GPU005 violation aws:eks:NodeGroup/gpus taints"];
  const nodePool = ["GPU005 violation NodePool/gpus spec.template.spec.taints"];

  it.each([
    ["of EKS with GPUs needs a taint", eks("instanceTypes: [g6.xlarge]"), nodeGroup],
    ["of EKS has one", eks(`instanceTypes: [g6.xlarge], ${eksTaint}`), []],
    [
      "of EKS may evict",
      eks("instanceTypes: [inf2.xlarge], taints: [{ key: aws.amazon.com/neuron, effect: NO_EXECUTE }]"),
      [],
    ],
    [
      "of EKS must not only prefer",
      eks("instanceTypes: [g6.xlarge], taints: [{ key: nvidia.com/gpu, effect: PREFER_NO_SCHEDULE }]"),
      nodeGroup,
    ],
    [
      "of EKS needs a key that says GPU",
      eks("instanceTypes: [g6.xlarge], taints: [{ key: dedicated, effect: NO_SCHEDULE }]"),
      nodeGroup,
    ],
    ["of EKS without GPUs needs none", eks("instanceTypes: [m7i.large]"), []],
    ["of EKS with an image for GPUs needs one", eks("amiType: AL2023_x86_64_NVIDIA"), nodeGroup],
    [
      "of GKE with guestAccelerators has one",
      gke("nodeConfig: { machineType: g2-standard-4, guestAccelerators: [{ type: nvidia-l4, count: 1 }] }"),
      [],
    ],
    ["of GKE with a GPU machine has one", gke("nodeConfig: { machineType: a3-highgpu-8g }"), []],
    ["of GKE with a TPU machine has one", gke("nodeConfig: { machineType: ct5lp-hightpu-4t }"), []],
    ["of GKE without GPUs needs none", gke("nodeConfig: { machineType: n2-standard-4 }"), []],
    ["of Karpenter with a GPU family needs one", karpenter(g6), nodePool],
    [
      "of Karpenter with a GPU category needs one",
      karpenter("{ key: karpenter.k8s.aws/instance-category, operator: In, values: [g, p] }"),
      nodePool,
    ],
    [
      "of Karpenter with a GPU name needs one",
      karpenter("{ key: karpenter.k8s.aws/instance-gpu-name, operator: In, values: [l4] }"),
      nodePool,
    ],
    [
      "of Karpenter with a GPU count needs one",
      karpenter('{ key: karpenter.k8s.aws/instance-gpu-count, operator: Gt, values: ["0"] }'),
      nodePool,
    ],
    [
      "of Karpenter without GPUs needs none",
      karpenter("{ key: karpenter.k8s.aws/instance-gpu-count, operator: DoesNotExist }"),
      [],
    ],
    [
      "of Karpenter with other categories needs none",
      karpenter("{ key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m, r] }"),
      [],
    ],
    [
      "of Karpenter not of GPU families needs none",
      karpenter("{ key: karpenter.k8s.aws/instance-family, operator: NotIn, values: [g6] }"),
      [],
    ],
    ["of Karpenter has one", karpenter(g6, taint), []],
    [
      "of Karpenter is not held by a startup taint",
      karpenter(g6, "startupTaints: [{ key: nvidia.com/gpu, effect: NoSchedule }]"),
      nodePool,
    ],
  ])("%s", (_, text, expected) => {
    expect(said(text, [poolIsTainted])).toEqual(expected);
  });

  it("is undecided when its taints or machines are unknown", () => {
    expect(said(eks("instanceTypes: [g6.xlarge], taints: !unknown"), [poolIsTainted])).toEqual([
      "GPU005 undecided aws:eks:NodeGroup/gpus taints",
    ]);
    expect(said(eks("instanceTypes: !unknown"), [poolIsTainted])).toEqual([
      "GPU005 undecided aws:eks:NodeGroup/gpus instanceTypes",
    ]);
    expect(said(eks(`instanceTypes: !unknown, ${eksTaint}`), [poolIsTainted])).toEqual([]);
  });
});

describe("the capacity of a pool", () => {
  const capacityOf = (text: string) => acceleratorPools(graphView(graphOf(text))).map(({ capacity }) => capacity);

  it.each([
    ["is nodes times GPUs", eks("instanceTypes: [g6.12xlarge], scalingConfig: { maxSize: 3 }"), 12],
    [
      "has the largest of its machines",
      eks("instanceTypes: [g6.xlarge, g6.12xlarge], scalingConfig: { maxSize: 3 }"),
      12,
    ],
    [
      "is not known of other machines",
      eks("instanceTypes: [g99.xlarge], amiType: AL2023_x86_64_NVIDIA, scalingConfig: { maxSize: 3 }"),
      undefined,
    ],
    [
      "is not known of shared GPUs",
      eks(
        "instanceTypes: [g6.xlarge], scalingConfig: { maxSize: 3 }, labels: { nvidia.com/device-plugin.config: shared }",
      ),
      undefined,
    ],
    ["is what Karpenter may have", karpenter(g6, "", "gpus", "limits: { nvidia.com/gpu: 8 },"), 8],
    ["is not known without a limit", karpenter(g6), undefined],
    [
      "is of all zones",
      gke("nodeLocations: [a, b], autoscaling: { maxNodeCount: 2 }, nodeConfig: { machineType: g2-standard-24 }"),
      8,
    ],
    [
      "is the total of GKE",
      gke("autoscaling: { totalMaxNodeCount: 3 }, nodeConfig: { guestAccelerators: [{ type: nvidia-l4, count: 2 }] }"),
      6,
    ],
    [
      "counts shares of GKE",
      gke(
        "autoscaling: { totalMaxNodeCount: 1 }, nodeConfig: { guestAccelerators: [{ type: nvidia-l4, count: 1, gpuSharingConfig: { maxSharedClientsPerGpu: 4 } }] }",
      ),
      4,
    ],
  ])("%s", (_, text, expected) => {
    expect(capacityOf(text)).toEqual([expected]);
  });
});

describe("GPU001: a GPU pod", () => {
  const pod = (spec: string, limits = "nvidia.com/gpu: 1") =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: i, resources: { limits: { ${limits} } } }], ${spec} }\n`;
  const found = ["GPU001 violation Pod/p spec.tolerations"];
  const exists = "tolerations: [{ key: nvidia.com/gpu, operator: Exists }]";
  const present = "tolerations: [{ key: nvidia.com/gpu, value: present, effect: NoSchedule }]";
  const ofGke = (test: string) =>
    `affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: cloud.google.com/gke-accelerator, operator: ${test} }] }] } } }`;
  const asked = (text: string, parameters: object = {}) =>
    said(text, [toleratePoolTaint], { parameters: { GPU001: parameters } });

  it.each([
    ["needs a toleration", pod(""), found],
    ["has one", pod(exists), []],
    ["tolerates everything", pod("tolerations: [{ operator: Exists }]"), []],
    ["may compare the value", pod(present), []],
    [
      "does not tolerate by another effect",
      pod("tolerations: [{ key: nvidia.com/gpu, operator: Exists, effect: NoExecute }]"),
      found,
    ],
    ["does not tolerate by another key", pod("tolerations: [{ key: amd.com/gpu, operator: Exists }]"), found],
    ["needs the key of its accelerator", pod(exists, "google.com/tpu: 4"), found],
    ["needs the key of the vendor for a part of a GPU", pod(exists, "nvidia.com/mig-1g.5gb: 1"), []],
    ["that chooses nodes of GKE is given it", pod("nodeSelector: { cloud.google.com/gke-accelerator: nvidia-l4 }"), []],
    ["that chooses nodes of GKE by affinity is given it", pod(ofGke("In, values: [nvidia-l4]")), []],
    ["that avoids nodes of GKE is not given it", pod(ofGke("DoesNotExist")), found],
    ["that chooses other nodes is not given it", pod("nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }"), found],
  ])("%s where no pool is declared", (_, text, expected) => {
    expect(asked(text)).toEqual(expected);
  });

  it("without a GPU needs nothing, and a manifest can be told that GPU nodes have no taint", () => {
    expect(asked(pod("", "cpu: 1"))).toEqual([]);
    expect(asked(pod(""), { assumeTainted: false })).toEqual([]);
  });

  it("has the toleration of its resource where the cluster adds it", () => {
    expect(asked(pod(""), { autoTolerated: ["nvidia.com/gpu"] })).toEqual([]);
    expect(asked(pod("", "nvidia.com/mig-1g.5gb: 1"), { autoTolerated: ["nvidia.com/gpu"] })).toEqual(found);
  });

  it("tolerates taints from outside the stack", () => {
    const taints = [{ key: "team", value: "risk", effect: "NoExecute" }];
    expect(asked(pod(exists), { taints })).toEqual(found);
    expect(asked(pod("tolerations: [{ key: team, value: risk }]"), { taints })).toEqual([]);
  });

  const pool = eks(`instanceTypes: [g6.xlarge], labels: { pool: serving }, ${eksTaint}`);
  it.each([
    ["needs what the pool needs", pool + pod(""), found],
    ["tolerates the pool", pool + pod(present), []],
    ["needs the pool's value", pool + pod("tolerations: [{ key: nvidia.com/gpu, value: x }]"), found],
    ["for another pool does not need it", pool + pod("nodeSelector: { pool: training }"), []],
    ["for this pool needs it", pool + pod("nodeSelector: { pool: serving }"), found],
    [
      "for other machines does not need it",
      pool + pod("nodeSelector: { node.kubernetes.io/instance-type: p5.48xlarge }"),
      [],
    ],
    [
      "for another cloud does not need it",
      pool + pod("nodeSelector: { cloud.google.com/gke-accelerator: nvidia-l4 }"),
      [],
    ],
    ["by a label of a driver may land there", pool + pod("nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }"), found],
    ["of another vendor does not need it", pool + pod("", "google.com/tpu: 1"), []],
    [
      "does not mind a preference",
      eks("instanceTypes: [g6.xlarge], taints: [{ key: x, effect: PREFER_NO_SCHEDULE }]") + pod(""),
      [],
    ],
    [
      "is given the toleration of the taint that GKE adds",
      gke("nodeConfig: { guestAccelerators: [{ type: nvidia-l4, count: 1 }] }") + pod(""),
      [],
    ],
    [
      "is not given that of another taint, nor of another effect",
      gke(
        "nodeConfig: { machineType: a2-highgpu-1g, taints: [{ key: team, effect: NO_SCHEDULE }, { key: nvidia.com/gpu, effect: NO_EXECUTE }] }",
      ) + pod(""),
      found,
    ],
    ["needs Karpenter's", karpenter(g6, taint) + pod(""), found],
    ["for another NodePool does not", karpenter(g6, taint) + pod("nodeSelector: { karpenter.sh/nodepool: other }"), []],
    [
      "for a user's label that the NodePool lacks does not",
      karpenter(g6, taint) + pod("nodeSelector: { team: risk }"),
      [],
    ],
    ["does not mind startup taints", karpenter(g6, "startupTaints: [{ key: x, effect: NoSchedule }]") + pod(""), []],
    [
      "by affinity to two pools needs both",
      pool +
        eks(
          "instanceTypes: [p5.48xlarge], labels: { pool: training }, taints: [{ key: training, effect: NO_SCHEDULE }]",
          "p5",
        ) +
        pod(
          `${present}, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: pool, operator: In, values: [serving, training] }] }] } } }`,
        ),
      found,
    ],
  ])("%s", (_, text, expected) => {
    expect(asked(text)).toEqual(expected);
  });

  it("is undecided when its tolerations, its selector or the taints are unknown", () => {
    expect(asked(pool + pod("tolerations: !unknown"))).toEqual(["GPU001 undecided Pod/p spec.tolerations"]);
    expect(asked(pool + pod("nodeSelector: { pool: !unknown }"))).toEqual([
      "GPU001 undecided Pod/p spec.nodeSelector.pool",
    ]);
    expect(asked(eks("instanceTypes: [g6.xlarge], taints: !unknown") + pod(""))).toEqual([
      "GPU001 undecided Pod/p spec.tolerations",
    ]);
    expect(asked(pool + pod("nodeSelector: { pool: !unknown }, tolerations: [{ operator: Exists }]"))).toEqual([]);
  });

  it("of a TrainJob has its tolerations elsewhere", () => {
    const job = `---
apiVersion: trainer.kubeflow.org/v1alpha1
kind: TrainJob
metadata: { name: p }
spec: { trainer: { resourcesPerNode: { limits: { nvidia.com/gpu: 8 } } } }
`;
    expect(asked(pool + job)).toEqual([]);
  });

  it("is told the taint and the pool", () => {
    expect(messages(pool + pod(""), [toleratePoolTaint])).toEqual([
      "the pod does not tolerate nvidia.com/gpu=present:NoSchedule of pool gpus, so it can never be placed there",
    ]);
  });
});

describe("GPU006: a part of a GPU", () => {
  const pod = (limits: string, spec = "") =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: i, resources: { limits: { ${limits} } } }], ${spec} }\n`;
  const found = (name: string) => [`GPU006 violation Pod/p spec.containers[0].resources.limits["${name}"]`];
  const product = (name: string) => `nodeSelector: { nvidia.com/gpu.product: ${name} }`;
  const affinity = (names: string) =>
    `affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: nvidia.com/gpu.product, operator: In, values: [${names}] }] }] } } }`;

  it.each([
    ["is asked for once", pod("nvidia.com/gpu.shared: 1"), []],
    ["is not asked for twice", pod("nvidia.com/gpu.shared: 2"), found("nvidia.com/gpu.shared")],
    ["is a profile", pod("nvidia.com/mig-1g.10gb: 3"), []],
    ["is not a profile of no GPU", pod("nvidia.com/mig-2g.11gb: 1"), found("nvidia.com/mig-2g.11gb")],
    ["with media extensions is a profile", pod("nvidia.com/mig-1g.5gb.me: 1"), []],
    ["is of the GPU that is selected", pod("nvidia.com/mig-1g.5gb: 1", product("NVIDIA-A100-SXM4-40GB")), []],
    [
      "is not of another",
      pod("nvidia.com/mig-1g.5gb: 1", product("NVIDIA-H100-80GB-HBM3")),
      found("nvidia.com/mig-1g.5gb"),
    ],
    [
      "is not of a GPU without MIG",
      pod("nvidia.com/mig-1g.5gb: 1", product("NVIDIA-L4")),
      found("nvidia.com/mig-1g.5gb"),
    ],
    ["may be of a GPU that nobody knows", pod("nvidia.com/mig-1g.5gb: 1", product("NVIDIA-X1")), []],
    [
      "is of one of the GPUs of the affinity",
      pod("nvidia.com/mig-1g.5gb: 1", affinity("NVIDIA-L4, NVIDIA-A100-SXM4-40GB")),
      [],
    ],
    [
      "is of none of them",
      pod("nvidia.com/mig-1g.5gb: 1", affinity("NVIDIA-L4, NVIDIA-H200")),
      found("nvidia.com/mig-1g.5gb"),
    ],
  ])("%s", (_, text, expected) => {
    expect(said(text, [sharingConsistent])).toEqual(expected);
  });

  it("is undecided when the number or the product is unknown", () => {
    expect(said(pod("nvidia.com/gpu.shared: !unknown"), [sharingConsistent])).toEqual([
      'GPU006 undecided Pod/p spec.containers[0].resources.limits["nvidia.com/gpu.shared"]',
    ]);
    expect(said(pod("nvidia.com/mig-1g.5gb: 1", product("!unknown")), [sharingConsistent])).toEqual([
      'GPU006 undecided Pod/p spec.nodeSelector["nvidia.com/gpu.product"]',
    ]);
  });
});
