import { z } from "zod";
import { acceleratorsParameter } from "../accelerators.js";
import {
  acceleratorsOf,
  allOf,
  anyOf,
  has,
  hasGpuPods,
  inProduction,
  metadataValue,
  not,
  pods,
  sumOfRunning,
  valueOr,
} from "../cel.js";
import { canaryRollout, changed, gpuServer } from "../examples.js";
import { plainAt } from "../paths.js";
import { defineObjectRule } from "../rule.js";

const replicas = `int(${valueOr("object", "spec.replicas", "1")})`;
const setting = (name: string) => valueOr("object", `spec.strategy.rollingUpdate.${name}`, '"25%"');

/** A number of pods, or a share of them that is rounded: the CEL twin of `scaled` in kubernetes/rolling-update.ts. */
function share(value: string, roundUp: boolean): string {
  const percent = `int(${value}.replace("%", "")) * ${replicas}`;
  return `(type(${value}) == string ? (${percent}${roundUp ? " + 99" : ""}) / 100 : int(${value}))`;
}

const surge = share(setting("maxSurge"), true);
const unavailable = share(setting("maxUnavailable"), false);
const isShare = (name: string) => `(type(${setting(name)}) != string || ${setting(name)}.matches("^[0-9]+%$"))`;
const isZero = (name: string) =>
  allOf(
    has("object", `spec.strategy.rollingUpdate.${name}`),
    `string(object.spec.strategy.rollingUpdate.${name}) in ["0", "0%"]`,
  );
/** Kubernetes lets one pod go when both round to zero, so that something can move. */
const canMove = anyOf(`${unavailable} > 0`, `${surge} == 0`);
const bothZero = allOf(isZero("maxSurge"), isZero("maxUnavailable"));
const gpusPerPod = `${pods}.map(p, ${sumOfRunning("p", acceleratorsOf("c"))}).sum()`;

/** ROL001. */
export const gpuRolloutCanFinish = defineObjectRule({
  id: "ROL001",
  name: "gpu-rollout-can-finish",
  pack: "rollout",
  severity: "high",
  statement: "A rolling update of GPU pods does not need GPUs that are not there.",
  why: "With the defaults a Deployment of one to three replicas may lose no pod and must first add one. When every GPU is in use the new pod stays Pending, the old one never stops, and the rollout never ends.",
  source: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable",
  semantics:
    "Judged are Deployments with GPU pods, at least one replica and the strategy RollingUpdate (the default). Of maxUnavailable (default 25 %, rounded down) and maxSurge (default 25 %, rounded up), where both come to zero one pod may be unavailable. When no pod may be unavailable, the surge times the accelerators of a pod is at most spareGpus. Both set to zero is refused by the API server and reported. An absent number of replicas is one, whatever an autoscaler makes of it.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    spareGpus: z.int().min(0).default(0).describe("Accelerators that are always free for the pods of an update."),
  }),
  checks: [
    {
      each: "object",
      kinds: ["apps/Deployment"],
      when: allOf(
        `${valueOr("object", "spec.strategy.type", '"RollingUpdate"')} == "RollingUpdate"`,
        `${replicas} > 0`,
        isShare("maxSurge"),
        isShare("maxUnavailable"),
        hasGpuPods,
      ),
      expression: allOf(not(bothZero), anyOf(canMove, `${surge} * ${gpusPerPod} <= variables.config.spareGpus`)),
      path: "spec.strategy.rollingUpdate.maxUnavailable",
      message: `${bothZero} ? "maxSurge and maxUnavailable are both 0, which the API server refuses" : "of " + string(${replicas}) + " replicas none may be unavailable, so an update first needs " + string(${surge}) + " × " + string(${gpusPerPod}) + " = " + string(${surge} * ${gpusPerPod}) + " more accelerators, and " + string(variables.config.spareGpus) + " are spare"`,
    },
  ],
  bad: changed(
    gpuServer,
    "  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }\n",
    "",
  ),
  good: gpuServer,
  fix: (object) => {
    // A single pod that may go is an outage: whether to have one, or a spare GPU, is not decided here.
    if (Number(plainAt(object, ["spec", "replicas"]) ?? 1) < 2) return [];
    const rollingUpdate = ["spec", "strategy", "rollingUpdate"];
    return [
      { op: "set", path: [...rollingUpdate, "maxUnavailable"], value: 1 },
      { op: "set", path: [...rollingUpdate, "maxSurge"], value: 0 },
    ];
  },
});

const serves = `${pods}.exists(p, has(p.spec.containers) && p.spec.containers.exists(c, has(c.ports) && size(c.ports) > 0))`;
const isListed = "object.kind in variables.config.kinds";
const accepted = anyOf(
  ...(["labels", "annotations"] as const).map(
    (field) => `${metadataValue("object", field, "plinth.dev/rollout")} == "rolling-accepted"`,
  ),
);

/** ROL002. */
export const progressiveInProd = defineObjectRule({
  id: "ROL002",
  name: "progressive-in-prod",
  pack: "rollout",
  severity: "high",
  statement: "In production a new model gets a part of the traffic before it gets all of it.",
  why: "A model that starts and answers can still be wrong: a rolling update gives it all users within minutes, and no probe ever fails.",
  source: "https://argo-rollouts.readthedocs.io/en/stable/concepts/",
  semantics:
    "In production only. Judged are objects of the kinds in the parameter that have GPU pods: a Deployment or StatefulSet with a container port is a violation unless its label or annotation plinth.dev/rollout is rolling-accepted; an InferenceService has spec.predictor.canaryTrafficPercent; a Rollout (when listed) has canary steps or blueGreen.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    kinds: z
      .array(z.enum(["Deployment", "StatefulSet", "InferenceService", "Rollout"]))
      .default(["Deployment", "StatefulSet", "InferenceService"])
      .describe("Kinds that are judged."),
  }),
  checks: [
    ...(["Deployment", "StatefulSet"] as const).map((kind) => ({
      each: "object" as const,
      kinds: [`apps/${kind}`],
      when: allOf(inProduction, isListed, serves, hasGpuPods),
      expression: accepted,
      path: kind === "Deployment" ? "spec.strategy" : "spec.updateStrategy",
      message: `"this ${kind} gives a new version all traffic as fast as pods start; a Rollout or an InferenceService with a canary is needed, or plinth.dev/rollout: rolling-accepted"`,
    })),
    {
      each: "object",
      kinds: ["serving.kserve.io/InferenceService"],
      when: allOf(inProduction, isListed, hasGpuPods),
      expression: anyOf(has("object", "spec.predictor.canaryTrafficPercent"), accepted),
      path: "spec.predictor.canaryTrafficPercent",
      message:
        '"this InferenceService gives a new version all traffic at once: spec.predictor.canaryTrafficPercent is not set"',
    },
    {
      each: "object",
      kinds: ["argoproj.io/Rollout"],
      when: allOf(inProduction, isListed, hasGpuPods),
      expression: anyOf(
        allOf(has("object", "spec.strategy.canary.steps"), "size(object.spec.strategy.canary.steps) > 0"),
        has("object", "spec.strategy.blueGreen"),
        accepted,
      ),
      path: "spec.strategy",
      message: '"this Rollout has neither canary steps nor blueGreen"',
    },
  ],
  bad: changed(gpuServer, "    plinth.dev/rollout: rolling-accepted\n", ""),
  good: gpuServer,
});

const steps = "object.spec.strategy.canary.steps";
/** The weights in the order of the steps. */
const weights = `${steps}.filter(s, has(s.setWeight)).map(s, s.setWeight)`;
const isFirst = `${weights}.indexOf(item.setWeight) == 0`;

/** How far back the step with the weight before is looked for; CEL cannot count. */
const BACK = `[${Array.from({ length: 20 }, (_, index) => index + 1).join(", ")}]`;

/**
 * The weights before this one (of equal ones the last) that it falls below: one or none. Weights of which one is not
 * known are still compared with their neighbours. `w` has a weight for each step, -1 where it sets none.
 */
const higherBefore = `[${steps}.map(s, has(s.setWeight) ? s.setWeight : -1)].map(w, [w.lastIndexOf(item.setWeight)].map(at, ${BACK}.filter(d, d <= at && w[at - d] > item.setWeight && ${BACK}.all(e, e >= d || w[at - e] == -1)).map(d, w[at - d]))[0])[0]`;

/** ROL003. */
export const firstStepSmall = defineObjectRule({
  id: "ROL003",
  name: "first-step-small",
  pack: "rollout",
  severity: "medium",
  statement: "A canary starts with a small part of the traffic, and its weights do not fall.",
  why: "The first step decides how many users meet a bad model before anything is measured; a weight that falls takes back what was already proven, by mistake.",
  source: "https://argo-rollouts.readthedocs.io/en/stable/features/canary/",
  semantics:
    "Judged are Argo Rollouts with strategy.canary. There is a step with setWeight; the first one is at most maxFirst; none is below the one before it, with less than 20 other steps between them (of steps with equal weights the last one counts).",
  parameters: z.strictObject({
    maxFirst: z.int().min(0).max(100).default(25).describe("The largest weight of the first step, in percent."),
  }),
  checks: [
    {
      each: "object",
      kinds: ["argoproj.io/Rollout"],
      when: has("object", "spec.strategy.canary"),
      expression: allOf(has("object", "spec.strategy.canary.steps"), `${steps}.exists(s, has(s.setWeight))`),
      path: "spec.strategy.canary.steps",
      message: '"the canary has no step with setWeight, so that it replaces all pods at once"',
    },
    {
      each: "object",
      kinds: ["argoproj.io/Rollout"],
      within: { list: "spec.strategy.canary.steps" },
      when: "has(item.setWeight)",
      expression: anyOf(not(isFirst), "item.setWeight <= variables.config.maxFirst"),
      path: "setWeight",
      message:
        '"the first weight of the canary is " + string(item.setWeight) + " %; at most " + string(variables.config.maxFirst) + " % is allowed"',
    },
    {
      each: "object",
      kinds: ["argoproj.io/Rollout"],
      within: { list: "spec.strategy.canary.steps" },
      when: "has(item.setWeight)",
      expression: `size(${higherBefore}) == 0`,
      path: "setWeight",
      message: `"the weight " + string(item.setWeight) + " % of the canary comes after " + string(${higherBefore}[0]) + " %: weights may not fall"`,
    },
  ],
  bad: rollout("50"),
  good: rollout("5"),
});

/** With one weight before the end. */
function rollout(first: string): string {
  return canaryRollout(`      analysis: { templates: [{ templateName: errors }] }
      steps: [{ setWeight: ${first} }, { pause: { duration: 10m } }]`);
}
