import { z } from "zod";
import { allOf, anyOf, has, not, valueOr } from "../cel.js";
import { changed, cpuPod, disruptionBudget } from "../examples.js";
import { type Check, defineObjectRule } from "../rule.js";

/** Filters of the rules of a route, and of the backends of its rules. */
const FILTERS = ["spec.rules[*].filters", "spec.rules[*].backendRefs[*].filters"];

/** The checks of one list of filters: of a mirror the share is a fraction or a percentage. */
function filterChecks(list: string): readonly Check[] {
  const filters = { each: "object", kinds: ["HTTPRoute", "GRPCRoute"], within: { list } } as const;
  const numerator = "item.requestMirror.fraction.numerator";
  const denominator = valueOr("item", "requestMirror.fraction.denominator", "100");
  const percent = valueOr("item", "requestMirror.percent", "100");
  return [
    {
      ...filters,
      when: has("item", "requestMirror.fraction"),
      expression: `${numerator} * 100 <= variables.config.maxPercent * ${denominator}`,
      path: "requestMirror.fraction",
      message: says(`string(${numerator}) + "/" + string(${denominator})`),
    },
    {
      ...filters,
      when: allOf("has(item.requestMirror)", "!has(item.requestMirror.fraction)"),
      expression: `${percent} <= variables.config.maxPercent`,
      path: "requestMirror.percent",
      message: says(`string(${percent}) + " %"`),
    },
  ];
}

function says(share: string): string {
  return `"the route mirrors " + ${share} + " of its requests; at most " + string(variables.config.maxPercent) + " % is allowed"`;
}

/** What Istio mirrors of the requests: a double, or the whole number of the older field. */
const istioPercent = `double(${has("item", "mirrorPercentage.value")} ? item.mirrorPercentage.value : ${valueOr("item", "mirrorPercent", "100")})`;

/** The same for one of the list of mirrors that newer versions have. */
const mirrorPercent = `double(${valueOr("item", "percentage.value", "100")})`;

/** ROL005. */
export const shadowIsSilent = defineObjectRule({
  id: "ROL005",
  name: "shadow-is-silent",
  pack: "rollout",
  severity: "medium",
  statement: "A shadow gets a share of the requests that is set and small.",
  why: "A mirror without a percentage doubles the load: a second set of GPUs, and twice the calls to feature stores and databases behind the model, for a version that serves nobody.",
  source: "https://gateway-api.sigs.k8s.io/guides/http-request-mirroring/",
  semantics:
    "A requestMirror filter of a rule of an HTTPRoute or GRPCRoute, or of one of its backends (of what that backend gets), has percent or fraction, and a mirrored route of an Istio VirtualService mirrorPercentage, or percentage in each of its mirrors, of at most maxPercent. Without one everything is mirrored.",
  parameters: z.strictObject({
    maxPercent: z.int().min(0).max(100).default(50).describe("The largest share that may be mirrored, in percent."),
  }),
  checks: [
    ...FILTERS.flatMap(filterChecks),
    {
      each: "object",
      kinds: ["networking.istio.io/VirtualService"],
      within: { list: "spec.http" },
      when: "has(item.mirror)",
      expression: `${istioPercent} <= double(variables.config.maxPercent)`,
      path: "mirrorPercentage.value",
      message: says(`string(${istioPercent}) + " %"`),
    },
    {
      each: "object",
      kinds: ["networking.istio.io/VirtualService"],
      within: { list: "spec.http[*].mirrors" },
      expression: `${mirrorPercent} <= double(variables.config.maxPercent)`,
      path: "percentage.value",
      message: says(`string(${mirrorPercent}) + " %"`),
    },
  ],
  bad: route(""),
  good: route(", percent: 10"),
});

function route(percent: string): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: server, namespace: fraud }
spec:
  parentRefs: [{ name: public, namespace: edge }]
  rules:
    - backendRefs: [{ name: server, port: 8000 }]
      filters:
        - type: RequestMirror
          requestMirror: { backendRef: { name: server-shadow, port: 8000 }${percent} }
`;
}

/** ROL006. */
export const rollbackTargetKept = defineObjectRule({
  id: "ROL006",
  name: "rollback-target-kept",
  pack: "rollout",
  severity: "medium",
  statement: "The previous version is kept, so that one can go back to it.",
  why: "With no history there is nothing for kubectl rollout undo: the way back is a build, at the moment when time is shortest.",
  source: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy",
  semantics:
    "revisionHistoryLimit of a Deployment, StatefulSet or Rollout is absent (10 are then kept) or at least 1. What buckets and registries keep is judged by DAT008 and IMG006.",
  parameters: z.strictObject({}),
  checks: [
    {
      each: "object",
      kinds: ["apps/Deployment", "apps/StatefulSet", "argoproj.io/Rollout"],
      expression: anyOf(not(has("object", "spec.revisionHistoryLimit")), "object.spec.revisionHistoryLimit >= 1"),
      path: "spec.revisionHistoryLimit",
      message: '"revisionHistoryLimit is 0: no earlier version is kept to go back to, at least 1 is needed"',
    },
  ],
  bad: deployment("  revisionHistoryLimit: 0\n"),
  good: deployment(""),
  fix: () => [{ op: "remove", path: ["spec", "revisionHistoryLimit"] }],
});

/** The pod of the examples as a Deployment. */
function deployment(more: string): string {
  const spec = cpuPod.slice(cpuPod.indexOf("spec:\n") + "spec:\n".length);
  return changed(
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: fraud }
spec:
  replicas: 2
MORE  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
${spec.replaceAll(/^/gm, "    ").trimEnd()}
${disruptionBudget("web")}`,
    "MORE",
    more,
  );
}
