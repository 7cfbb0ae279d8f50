import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { joinPath } from "../../graph/values.js";
import { acceleratorsParameter, migProfiles, migProfilesOf } from "../accelerators.js";
import { changed, gpuServer } from "../examples.js";
import { acceleratorEntries } from "../gpu-pods.js";
import { amount } from "../kubernetes/resources.js";
import { requiredTerms } from "../kubernetes/selectors.js";
import { told } from "../outcomes.js";
import type { Container, Pod } from "../pods.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { both, either, every, given, is, not, read, some, type Truth } from "../truth.js";

const SHARED = "nvidia.com/gpu.shared";
const MIG = "nvidia.com/mig-";
const PRODUCT = "nvidia.com/gpu.product";

/** A server on a part of a GPU, in a namespace with a quota for such parts. */
const partitioned = changed(
  changed(gpuServer, "nvidia.com/gpu: 1 }", "nvidia.com/mig-1g.10gb: 1 }"),
  "requests.nvidia.com/gpu: 8",
  "requests.nvidia.com/mig-1g.10gb: 8",
);

/** GPU006. */
export const sharingConsistent = defineGraphRule({
  id: "GPU006",
  name: "sharing-consistent",
  pack: "gpu",
  severity: "medium",
  statement: "Shared and partitioned GPUs are asked for as the device plugin and the GPU can give them.",
  why: "Two shares of a time-sliced GPU are not twice the GPU but one card counted twice, and the plugin can refuse them; a MIG profile that the GPU does not have leaves the pod Pending for ever.",
  source: "https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html",
  semantics:
    "A container asks for at most one nvidia.com/gpu.shared. What follows nvidia.com/mig- is a profile that some GPU has. A pod that asks for a profile and selects GPU products, by nodeSelector or by In in required node affinity, selects one that has it. Products that the table does not have are not judged.",
  parameters: z.strictObject({ accelerators: acceleratorsParameter }),
  check: (view, { accelerators }) =>
    view
      .workloads()
      .flatMap(({ node, pods }) =>
        pods.flatMap((pod) =>
          pod.containers.flatMap((container) =>
            asked(container, accelerators).flatMap((each) => judged(node, pod, each)),
          ),
        ),
      ),
  bad: partitioned,
  good: changed(partitioned, "NVIDIA-L4", "NVIDIA-H100-80GB-HBM3"),
});

interface Asked {
  readonly path: string;
  readonly name: string;
  readonly quantity: Value;
}

/** What a container asks for, by its limit or, without one, its request. */
function asked({ path, value, names }: Container, accelerators: readonly string[]): readonly Asked[] {
  const entries = ["requests", "limits"].flatMap((list) =>
    acceleratorEntries(read(value, ["resources", list]), accelerators).map(
      ([name, quantity]) =>
        [name, { name, quantity, path: joinPath(`${path}.${names?.resources ?? "resources"}.${list}`, name) }] as const,
    ),
  );
  return [...new Map(entries).values()];
}

function judged(node: ResourceNode, pod: Pod, { path, name, quantity }: Asked): readonly GraphOutcome[] {
  const count = amount(quantity);
  if (name === SHARED) {
    const single = typeof count === "number" ? count <= 1 : count;
    return told(
      node,
      path,
      single,
      `${SHARED} is ${String(quantity)}: more than one share of GPUs gives no more of them, at most 1 is allowed`,
    );
  }
  if (!name.startsWith(MIG) || count === 0) return [];
  const profile = name.slice(MIG.length);
  if (!migProfiles.has(profile)) return told(node, path, false, `no GPU has the MIG profile ${profile}`);
  const message = `the pod asks for the MIG profile ${profile}, which no GPU it selects by ${PRODUCT} has`;
  return told(node, path, selectsProfile(pod.spec, profile), message);
}

/** Whether a GPU that a pod selects can have the profile; true where it selects no product. */
function selectsProfile(podSpec: Value, profile: string): Truth {
  const has = (product: Value | undefined): Truth =>
    given(product, (text) => {
      const profiles = typeof text === "string" ? migProfilesOf(text) : undefined;
      return profiles === undefined || profiles.includes(profile);
    });
  const terms = requiredTerms(podSpec);
  return both(
    has(read(podSpec, ["nodeSelector", PRODUCT])),
    given(
      terms,
      (known) =>
        known === undefined ||
        some(terms, (term) =>
          every(read(term, ["matchExpressions"]), (expression) =>
            given(
              read(expression, ["key"]),
              (key) =>
                key !== PRODUCT ||
                either(not(is(read(expression, ["operator"]), "In")), some(read(expression, ["values"]), has)),
            ),
          ),
        ),
    ),
  );
}
