import { z } from "zod";
import type { Value } from "../../graph/model.js";
import { canaryRollout } from "../examples.js";
import { lookup } from "../lookup.js";
import { told } from "../outcomes.js";
import { defineGraphRule } from "../rule.js";
import { both, either, every, given, is, not, read, some, type Truth } from "../truth.js";
import { type GraphView, inSameNamespace, isNamed, type ObjectView } from "../view.js";

/** Where a strategy names the templates that judge a new version. */
const ANALYSES: { readonly [strategy: string]: readonly string[] } = {
  canary: ["analysis"],
  blueGreen: ["prePromotionAnalysis", "postPromotionAnalysis"],
};

/** ROL004. */
export const automaticAbort = defineGraphRule({
  id: "ROL004",
  name: "automatic-abort",
  pack: "rollout",
  severity: "high",
  statement: "A rollout measures the new version and goes back by itself when it is bad.",
  why: "A canary that nobody watches only delays the outage: the weights grow on a timer, and the night shift finds out from users.",
  source: "https://argo-rollouts.readthedocs.io/en/stable/features/analysis/",
  semantics:
    "Judged are Argo Rollouts. A canary has templates in strategy.canary.analysis, or a step with an analysis or an experiment that is analysed; blueGreen has prePromotionAnalysis or postPromotionAnalysis. Each AnalysisTemplate (of the namespace) or ClusterAnalysisTemplate that is named and declared here has a metric with a successCondition or failureCondition, or one whose provider judges by itself (job, kayenta). Templates that are not declared here are not judged.",
  parameters: z.strictObject({}),
  check: (view) => {
    const templates = templateLookup(view);
    return view.objects("argoproj.io/Rollout").flatMap((rollout) =>
      Object.keys(ANALYSES).flatMap((strategy) => {
        const value = read(rollout.object, ["spec", "strategy", strategy]);
        if (value === undefined || value === null) return [];
        const [first = "analysis"] = ANALYSES[strategy] ?? [];
        const path = `spec.strategy.${strategy}.${first}`;
        const references = referencesOf(strategy, value);
        const measured = either(...references.map((list) => some(list, () => true)));
        if (measured !== true) {
          const message = `nothing measures the new version during this ${strategy}: no analysis is named`;
          return told(rollout.node, path, measured, message);
        }
        const message =
          "an analysis template that is named has no metric with a successCondition or failureCondition, so that nothing can make the rollout go back";
        const judges = every(references, (list) => every(list, (reference) => canFail(templates, rollout, reference)));
        return told(rollout.node, path, judges, message);
      }),
    );
  },
  bad: manifests("      steps: [{ setWeight: 5 }, { pause: { duration: 10m } }]"),
  good: manifests(`      analysis: { templates: [{ templateName: errors }] }
      steps: [{ setWeight: 5 }, { pause: { duration: 10m } }]`),
});

/** Every list of references to templates in a strategy: of its own analyses and, of a canary, of its steps. */
function referencesOf(strategy: string, value: Value): readonly (Value | undefined)[] {
  const own = (ANALYSES[strategy] ?? []).map((field) => read(value, [field, "templates"]));
  const steps = read(value, ["steps"]);
  if (!Array.isArray(steps)) return [...own, steps];
  const ofSteps = (steps as readonly Value[]).flatMap((step) => [
    read(step, ["analysis", "templates"]),
    // The templates of an experiment are pods; its analyses name what judges them.
    read(step, ["experiment", "analyses"]),
  ]);
  return [...own, ...ofSteps];
}

/** The templates that a name can mean, in a namespace and in the cluster. */
function templateLookup(view: GraphView) {
  return {
    ofNamespace: lookup(view.objects("argoproj.io/AnalysisTemplate"), ({ namespace, name }) =>
      fullName(namespace, name),
    ),
    ofCluster: lookup(view.objects("argoproj.io/ClusterAnalysisTemplate"), ({ name }) => name),
  };
}

function fullName(namespace: Value, name: Value | undefined): string | undefined {
  return typeof namespace === "string" && typeof name === "string" ? `${namespace}/${name}` : undefined;
}

/** Whether a named template can end the rollout; true when it is not declared here. */
function canFail(
  { ofNamespace, ofCluster }: ReturnType<typeof templateLookup>,
  rollout: ObjectView,
  reference: Value,
): Truth {
  const name = read(reference, ["templateName"]);
  const isCluster = is(read(reference, ["clusterScope"]), true);
  const declared = [
    ...ofNamespace(fullName(rollout.namespace, name)).map((template) => ({
      template,
      meant: both(not(isCluster), inSameNamespace(rollout, template), isNamed(template, name)),
    })),
    ...ofCluster(name).map((template) => ({ template, meant: both(isCluster, isNamed(template, name)) })),
  ];
  return every(declared, ({ template, meant }) =>
    either(not(meant), some(read(template.object, ["spec", "metrics"]), judgesResults), hasTemplates(template)),
  );
}

/** A template of templates is made of others. */
function hasTemplates({ object }: ObjectView): Truth {
  return some(read(object, ["spec", "templates"]), () => true);
}

function judgesResults(metric: Value): Truth {
  const isSet = (value: Value | undefined): Truth =>
    given(value, (known) => known !== undefined && known !== null && known !== "");
  return either(
    isSet(read(metric, ["successCondition"])),
    isSet(read(metric, ["failureCondition"])),
    isSet(read(metric, ["provider", "job"])),
    isSet(read(metric, ["provider", "kayenta"])),
  );
}

function manifests(strategy: string): string {
  return `${canaryRollout(strategy)}---
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: errors, namespace: fraud }
spec:
  metrics:
    - name: errors
      interval: 1m
      failureLimit: 2
      successCondition: result[0] < 0.01
      provider:
        prometheus: { address: "http://prometheus.monitoring:9090", query: "error_rate" }
`;
}
