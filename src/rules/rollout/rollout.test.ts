import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { messages, said } from "../fixtures/judged.js";
import { fenceposts } from "../kubernetes/rolling-update.js";
import { automaticAbort } from "./abort.js";
import { firstStepSmall, gpuRolloutCanFinish, progressiveInProd } from "./rollouts.js";
import { rollbackTargetKept, shadowIsSilent } from "./routes.js";

const object = (apiVersion: string, kind: string, spec: string, metadata = "") =>
  `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: s, namespace: fraud${metadata} }\nspec: { ${spec} }\n`;
const template = (gpus: number | string, more = "") =>
  `template: { spec: { containers: [{ name: c, image: i, resources: { limits: { nvidia.com/gpu: ${gpus} } }${more} }] } }`;
const ports = ", ports: [{ containerPort: 80 }]";

describe("ROL001: an update of GPU pods", () => {
  const asked = (spec: string, parameters: object = {}) =>
    said(object("apps/v1", "Deployment", spec), [gpuRolloutCanFinish], { parameters: { ROL001: parameters } });
  const found = ["ROL001 violation Deployment/s spec.strategy.rollingUpdate.maxUnavailable"];
  const rolling = (values: string) => `strategy: { rollingUpdate: { ${values} } }, `;

  it.each([
    ["of one pod with defaults needs a second", template(1), found],
    ["of three pods with defaults needs a fourth", `replicas: 3, ${template(1)}`, found],
    ["of four pods with defaults may lose one", `replicas: 4, ${template(1)}`, []],
    ["may lose one", `replicas: 2, ${rolling("maxUnavailable: 1, maxSurge: 0")}${template(1)}`, []],
    ["may lose a share", `replicas: 2, ${rolling('maxUnavailable: "50%"')}${template(1)}`, []],
    [
      "of a share that rounds to none needs another",
      `replicas: 2, ${rolling('maxUnavailable: "49%"')}${template(1)}`,
      found,
    ],
    [
      "without surge and a share that rounds to none may lose one",
      `replicas: 2, ${rolling('maxUnavailable: "49%", maxSurge: 0')}${template(1)}`,
      [],
    ],
    ["may not have both 0", `replicas: 2, ${rolling("maxUnavailable: 0, maxSurge: 0")}${template(1)}`, found],
    ["may not have both 0 %", `replicas: 2, ${rolling('maxUnavailable: "0%", maxSurge: 0')}${template(1)}`, found],
    ["is not one when pods are recreated", `strategy: { type: Recreate }, ${template(1)}`, []],
    ["is not one without pods", `replicas: 0, ${template(1)}`, []],
    ["is not one without GPUs", template(0), []],
    ["is not judged with what no API server takes", `${rolling('maxUnavailable: "x"')}${template(1)}`, []],
  ])("%s", (_, spec, expected) => {
    expect(asked(spec)).toEqual(expected);
  });

  it("may use GPUs that are spare", () => {
    expect(asked(template(2), { spareGpus: 1 })).toEqual(found);
    expect(asked(template(2), { spareGpus: 2 })).toEqual([]);
  });

  it("shows the arithmetic", () => {
    const told = (spec: string) => messages(object("apps/v1", "Deployment", spec), [gpuRolloutCanFinish]);
    expect(told(`replicas: 3, ${rolling("maxSurge: 2")}${template(4)}`)).toEqual([
      "of 3 replicas none may be unavailable, so an update first needs 2 × 4 = 8 more accelerators, and 0 are spare",
    ]);
    expect(told(`${rolling("maxUnavailable: 0, maxSurge: 0")}${template(1)}`)).toEqual([
      "maxSurge and maxUnavailable are both 0, which the API server refuses",
    ]);
  });

  it("is undecided when replicas or the strategy are unknown, and not when they are of no matter", () => {
    expect(asked(`replicas: !unknown, ${template(1)}`)).toEqual(["ROL001 undecided Deployment/s spec.replicas"]);
    expect(asked(`strategy: !unknown, ${template(1)}`)).toEqual(["ROL001 undecided Deployment/s spec.strategy"]);
    expect(asked(`replicas: !unknown, ${template(0)}`)).toEqual([]);
  });

  test("rounds as Kubernetes does", () => {
    const share = fc.oneof(
      fc.nat(5),
      fc.nat(100).map((percent) => `${percent}%`),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), share, share, (replicas, surge, gone) => {
        fc.pre(Number.parseInt(String(surge), 10) + Number.parseInt(String(gone), 10) > 0);
        const posts = fenceposts(replicas, surge, gone);
        const values = `maxSurge: ${JSON.stringify(surge)}, maxUnavailable: ${JSON.stringify(gone)}`;
        const stuck = posts?.unavailable === 0 && posts.surge > 0;
        expect(asked(`replicas: ${replicas}, ${rolling(values)}${template(1)}`)).toEqual(stuck ? found : []);
      }),
      { numRuns: 60 },
    );
  });
});

describe("ROL002: a new version", () => {
  const asked = (text: string, environment: "production" | "staging" = "production", parameters: object = {}) =>
    said(text, [progressiveInProd], { environment, parameters: { ROL002: parameters } });
  const accepted = ", annotations: { plinth.dev/rollout: rolling-accepted }";
  const service = (more: string) =>
    object(
      "serving.kserve.io/v1beta1",
      "InferenceService",
      `predictor: { ${more} model: { modelFormat: { name: onnx }, resources: { limits: { nvidia.com/gpu: 1 } } } }`,
    );

  it.each([
    [
      "of a Deployment comes at once",
      object("apps/v1", "Deployment", template(1, ports)),
      ["ROL002 violation Deployment/s spec.strategy"],
    ],
    [
      "of a StatefulSet comes at once",
      object("apps/v1", "StatefulSet", template(1, ports)),
      ["ROL002 violation StatefulSet/s spec.updateStrategy"],
    ],
    ["may come at once", object("apps/v1", "Deployment", template(1, ports), accepted), []],
    ["of what has no port serves nobody", object("apps/v1", "Deployment", template(1)), []],
    ["without a GPU is not judged", object("apps/v1", "Deployment", template(0, ports)), []],
    [
      "of an InferenceService comes at once",
      service(""),
      ["ROL002 violation InferenceService/s spec.predictor.canaryTrafficPercent"],
    ],
    ["of an InferenceService has a canary", service("canaryTrafficPercent: 10,"), []],
    ["of a Rollout is not judged by default", object("argoproj.io/v1alpha1", "Rollout", template(1, ports)), []],
  ])("%s", (_, text, expected) => {
    expect(asked(text)).toEqual(expected);
    expect(asked(text, "staging")).toEqual([]);
  });

  it("is not judged where nobody says that this is production", () => {
    expect(said(object("apps/v1", "Deployment", template(1, ports)), [progressiveInProd])).toEqual([]);
  });

  it("of other kinds can be judged", () => {
    const rollout = object("argoproj.io/v1alpha1", "Rollout", `strategy: { canary: {} }, ${template(1, ports)}`);
    expect(asked(rollout, "production", { kinds: ["Rollout"] })).toEqual(["ROL002 violation Rollout/s spec.strategy"]);
    expect(asked(object("apps/v1", "Deployment", template(1, ports)), "production", { kinds: ["Rollout"] })).toEqual(
      [],
    );
  });
});

describe("ROL003: the weights of a canary", () => {
  const asked = (steps: string, parameters: object = {}) =>
    said(object("argoproj.io/v1alpha1", "Rollout", `strategy: { canary: { ${steps} } }`), [firstStepSmall], {
      parameters: { ROL003: parameters },
    }).map((each) => each.split(" ").at(-1));
  const weights = (...values: readonly number[]) =>
    `steps: [${values.map((value) => `{ setWeight: ${value} }, { pause: {} }`).join(", ")}]`;
  const at = (index: number) => `spec.strategy.canary.steps[${index}].setWeight`;

  it.each([
    ["begin small", weights(5, 25, 50, 100), []],
    ["begin at most at 25", weights(25), []],
    ["do not begin large", weights(26, 50), [at(0)]],
    ["do not fall", weights(5, 50, 25), [at(4)]],
    ["may stay", weights(5, 5, 10), []],
    ["may begin with 0", weights(0, 100), []],
    ["may come after a pause", "steps: [{ pause: {} }, { setWeight: 30 }]", [at(1)]],
    ["are needed", "steps: [{ pause: {} }]", ["spec.strategy.canary.steps"]],
    ["are needed in steps", "maxSurge: 1", ["spec.strategy.canary.steps"]],
  ])("%s", (_, steps, expected) => {
    expect(asked(steps)).toEqual(expected);
  });

  it("of blue-green are not judged", () => {
    const text = object("argoproj.io/v1alpha1", "Rollout", "strategy: { blueGreen: { activeService: a } }");
    expect(said(text, [firstStepSmall])).toEqual([]);
  });

  it("say which one fell", () => {
    const text = object("argoproj.io/v1alpha1", "Rollout", `strategy: { canary: { ${weights(5, 50, 25)} } }`);
    expect(messages(text, [firstStepSmall])).toEqual([
      "the weight 25 % of the canary comes after 50 %: weights may not fall",
    ]);
  });

  test("fall where the weight before is higher, whatever steps are between", () => {
    const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { maxLength: 12 });
    fc.assert(
      fc.property(steps, (list) => {
        const falls = list.flatMap((weight, index) => {
          if (weight === undefined) return [];
          const before = list.slice(0, list.lastIndexOf(weight)).filter((each) => each !== undefined);
          return (before.at(-1) ?? 0) > weight ? [at(index)] : [];
        });
        const text = list.map((weight) => (weight === undefined ? "{ pause: {} }" : `{ setWeight: ${weight} }`));
        const found = asked(`steps: [{ setWeight: 0 }, ${text.join(", ")}]`, { maxFirst: 100 });
        const moved = falls.map((path) => path.replace(/\d+/, (index) => String(Number(index) + 1)));
        // The 0 in front keeps every list from having no weight; of equal weights the last one counts, so of zeros too.
        expect(found.filter((path) => path !== at(0))).toEqual(moved);
      }),
    );
  });

  it("that are known fall beside one that is not", () => {
    expect(asked("steps: [{ setWeight: !unknown }, { pause: {} }, { setWeight: 60 }, { setWeight: 40 }]")).toEqual([
      at(0),
      at(3),
    ]);
  });

  it("are compared with the nearest weight before them", () => {
    const pauses = Array.from({ length: 15 }, () => "{ pause: {} }").join(", ");
    expect(asked(`steps: [{ setWeight: 20 }, ${pauses}, { setWeight: 10 }]`)).toEqual([at(16)]);
    expect(asked(weights(20, 10, 15))).toEqual([at(2)]);
  });

  it("are undecided when unknown", () => {
    expect(asked("steps: [{ setWeight: !unknown }]")).toEqual([at(0)]);
    expect(asked("steps: !unknown").length).toBeGreaterThan(0);
  });
});

describe("ROL004: a rollout", () => {
  const rollout = (strategy: string) => object("argoproj.io/v1alpha1", "Rollout", `strategy: { ${strategy} }`);
  const metrics = (metric: string, kind = "AnalysisTemplate") =>
    `---\napiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: { name: t, namespace: ${kind.startsWith("Cluster") ? '""' : "fraud"} }\nspec: { metrics: [${metric}] }\n`;
  const silent = metrics("{ name: m, provider: { prometheus: { query: q } } }");
  const named = "analysis: { templates: [{ templateName: t }] }";
  const asked = (text: string) => said(text, [automaticAbort]).map((each) => each.split(" ").slice(1).join(" "));
  const canary = ["violation Rollout/s spec.strategy.canary.analysis"];

  it.each([
    ["without analysis goes on", rollout("canary: { steps: [{ setWeight: 5 }] }"), canary],
    ["with an analysis that is declared elsewhere is measured", rollout(`canary: { ${named} }`), []],
    ["without templates is not measured", rollout("canary: { analysis: { templates: [] } }"), canary],
    ["with an analysis step is measured", rollout(`canary: { steps: [{ ${named} }] }`), []],
    [
      "with an experiment that is analysed is measured",
      rollout(
        "canary: { steps: [{ experiment: { templates: [{ name: a }], analyses: [{ name: x, templateName: t }] } }] }",
      ),
      [],
    ],
    [
      "with an experiment that is not is not",
      rollout("canary: { steps: [{ experiment: { templates: [{ name: a }] } }] }"),
      canary,
    ],
    ["whose template cannot fail goes on", rollout(`canary: { ${named} }`) + silent, canary],
    [
      "whose template has a condition can go back",
      rollout(`canary: { ${named} }`) + metrics('{ name: m, successCondition: "result[0] < 1" }'),
      [],
    ],
    [
      "whose template is a job can go back",
      rollout(`canary: { ${named} }`) + metrics("{ name: m, provider: { job: { spec: {} } } }"),
      [],
    ],
    [
      "does not mean the cluster's template",
      rollout(`canary: { ${named} }`) + metrics("{ name: m }", "ClusterAnalysisTemplate"),
      [],
    ],
    [
      "means the cluster's template",
      rollout("canary: { analysis: { templates: [{ templateName: t, clusterScope: true }] } }") +
        metrics("{ name: m }", "ClusterAnalysisTemplate"),
      canary,
    ],
    [
      "of blue-green needs an analysis too",
      rollout("blueGreen: { activeService: a }"),
      ["violation Rollout/s spec.strategy.blueGreen.prePromotionAnalysis"],
    ],
    [
      "of blue-green may have it after the promotion",
      rollout("blueGreen: { postPromotionAnalysis: { templates: [{ templateName: t }] } }"),
      [],
    ],
  ])("%s", (_, text, expected) => {
    expect(asked(text)).toEqual(expected);
  });

  it("is undecided when its analysis is unknown", () => {
    expect(asked(rollout("canary: { analysis: !unknown }"))).toEqual([
      "undecided Rollout/s spec.strategy.canary.analysis",
    ]);
  });
});

describe("ROL005: a shadow", () => {
  const route = (mirror: string, before = "") =>
    said(
      object(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        `rules: [{ backendRefs: [] }, { filters: [${before}{ type: RequestMirror, requestMirror: { backendRef: { name: b }${mirror} } }] }]`,
      ),
      [shadowIsSilent],
    ).map((each) => each.split(" ").at(-1));
  const at = (field: string, index = 0) => `spec.rules[1].filters[${index}].requestMirror.${field}`;

  it.each([
    ["of everything", "", [at("percent")]],
    ["of half", ", percent: 50", []],
    ["of more", ", percent: 51", [at("percent")]],
    ["of a half as a fraction", ", fraction: { numerator: 5, denominator: 10 }", []],
    ["of more as a fraction", ", fraction: { numerator: 51 }", [at("fraction")]],
  ])("%s", (_, mirror, expected) => {
    expect(route(mirror)).toEqual(expected);
  });

  it("is found in the filters of a backend", () => {
    const text = object(
      "gateway.networking.k8s.io/v1",
      "GRPCRoute",
      "rules: [{ backendRefs: [{ name: a }, { name: b, filters: [{ requestMirror: { percent: 60 } }] }] }]",
    );
    expect(said(text, [shadowIsSilent]).map((each) => each.split(" ").at(-1))).toEqual([
      "spec.rules[0].backendRefs[1].filters[0].requestMirror.percent",
    ]);
  });

  it("is found behind other filters", () => {
    expect(route("", "{ type: RequestHeaderModifier }, ")).toEqual([at("percent", 1)]);
  });

  it.each([
    ["{ mirror: { host: b } }", ["spec.http[0].mirrorPercentage.value"]],
    ["{ mirror: { host: b }, mirrorPercentage: { value: 10.5 } }", []],
    ["{ mirror: { host: b }, mirrorPercentage: { value: 60.5 } }", ["spec.http[0].mirrorPercentage.value"]],
    ["{ mirror: { host: b }, mirrorPercent: 10 }", []],
    ["{ mirrors: [{ destination: { host: b }, percentage: { value: 10 } }] }", []],
    ["{ mirrors: [{ destination: { host: b } }] }", ["spec.http[0].mirrors[0].percentage.value"]],
    ["{ route: [] }", []],
  ])("of Istio is %s", (http, expected) => {
    const text = object("networking.istio.io/v1", "VirtualService", `http: [${http}]`);
    expect(said(text, [shadowIsSilent]).map((each) => each.split(" ").at(-1))).toEqual(expected);
  });

  it("is told its share", () => {
    const text = object(
      "gateway.networking.k8s.io/v1",
      "HTTPRoute",
      "rules: [{ filters: [{ requestMirror: { fraction: { numerator: 3, denominator: 4 } } }] }]",
    );
    expect(messages(text, [shadowIsSilent])).toEqual([
      "the route mirrors 3/4 of its requests; at most 50 % is allowed",
    ]);
  });
});

describe("ROL006: the history", () => {
  it.each([
    ["apps/v1", "Deployment", 0, true],
    ["apps/v1", "StatefulSet", 0, true],
    ["argoproj.io/v1alpha1", "Rollout", 0, true],
    ["apps/v1", "Deployment", 1, false],
    ["apps/v1", "DaemonSet", 0, false],
  ])("of a %s %s with %s revisions is too short: %s", (apiVersion, kind, limit, expected) => {
    const text = object(apiVersion, kind, `revisionHistoryLimit: ${limit}`);
    expect(said(text, [rollbackTargetKept])).toEqual(
      expected ? [`ROL006 violation ${kind}/s spec.revisionHistoryLimit`] : [],
    );
  });
});
