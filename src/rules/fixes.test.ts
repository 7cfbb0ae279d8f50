import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { stringify } from "yaml";
import { applyPatches } from "../policy/fix/patch.js";
import { judge } from "../policy/judge.js";
import { jobTtl } from "./cost.js";
import { graphOf } from "./fixtures/judged.js";
import { gpuLimitsWellformed } from "./gpu/containers.js";
import { gpuRules } from "./gpu/index.js";
import { toleratePoolTaint } from "./gpu/tolerations.js";
import { keysOf } from "./paths.js";
import { gpuPodCpuMem } from "./quotas/containers.js";
import { quotaRules } from "./quotas/index.js";
import { quotaKeyValid } from "./quotas/keys.js";
import { rolloutRules } from "./rollout/index.js";
import { gpuRolloutCanFinish } from "./rollout/rollouts.js";
import { rollbackTargetKept } from "./rollout/routes.js";
import type { Patch, Rule } from "./rule.js";

const all = [...gpuRules, ...quotaRules, ...rolloutRules, jobTtl];

const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const quantities = fc.constantFrom<string | number>(0, 1, 2, "1", "500m", "1Gi", "2Gi");
const resources = fc.record(
  { cpu: quantities, memory: quantities, "nvidia.com/gpu": quantities, "amd.com/gpu": quantities },
  { requiredKeys: [] },
);
const toleration = fc.record(
  {
    key: fc.constantFrom("nvidia.com/gpu", "amd.com/gpu", "other"),
    operator: fc.constantFrom("Exists", "Equal"),
    effect: fc.constantFrom("NoSchedule", "NoExecute"),
  },
  { requiredKeys: ["key"] },
);
const container = fc.record({
  name: fc.constant("c"),
  image: fc.constant("i"),
  resources: fc.record({ limits: resources, requests: resources }, { requiredKeys: [] }),
});
const share = fc.constantFrom<string | number>(0, 1, "0%", "25%", "60%");
const template = fc.record({
  spec: fc.record(
    {
      containers: fc.array(container, { minLength: 1, maxLength: 3 }),
      tolerations: fc.array(toleration, { maxLength: 2 }),
    },
    { requiredKeys: ["containers"] },
  ),
});
const deployment = fc.record({
  apiVersion: fc.constant("apps/v1"),
  kind: fc.constant("Deployment"),
  metadata: fc.constant({ name: "x" }),
  spec: fc.record(
    {
      replicas: fc.nat(9),
      revisionHistoryLimit: fc.nat(2),
      strategy: fc.record(
        { rollingUpdate: fc.record({ maxSurge: share, maxUnavailable: share }, { requiredKeys: [] }) },
        { requiredKeys: [] },
      ),
      template,
    },
    { requiredKeys: ["template"] },
  ),
});
const job = fc.record({
  apiVersion: fc.constant("batch/v1"),
  kind: fc.constantFrom("Job"),
  metadata: fc.constant({ name: "x" }),
  spec: fc.record({ ttlSecondsAfterFinished: optional(fc.constantFrom(0, 600, 10 ** 7)), template }),
});
const quota = fc.record({
  apiVersion: fc.constant("v1"),
  kind: fc.constant("ResourceQuota"),
  metadata: fc.constant({ name: "x" }),
  spec: fc.record({
    hard: fc.dictionary(
      fc.constantFrom(
        "nvidia.com/gpu",
        "limits.nvidia.com/gpu",
        "requests.nvidia.com/gpu",
        "limits.cpu",
        "amd.com/gpu",
      ),
      fc.nat(9),
    ),
  }),
});
const objects: fc.Arbitrary<object> = fc.oneof(deployment, job, quota);

function found(object: object, rules: readonly Rule[]) {
  return judge(graphOf(stringify(object)), { rules }).findings;
}

/** Every fix of a rule's findings, one after the other. */
function fixed(object: object, rule: Rule): { readonly object: object; readonly patches: readonly Patch[] } {
  const patches = found(object, [rule]).flatMap((finding) => rule.fix?.(object, finding) ?? []);
  return { object: applyPatches(object, patches), patches };
}

/** Rules whose every finding is mended, and those of which some are left to people. */
const complete = [toleratePoolTaint, quotaKeyValid, rollbackTargetKept, jobTtl];
const partial = [gpuLimitsWellformed, gpuPodCpuMem, gpuRolloutCanFinish];

describe("fixes", () => {
  test.each([...complete, ...partial].map((rule) => [rule.id, rule] as const))(
    "of %s mend what they touch, once, and break nothing else",
    (_, rule) => {
      fc.assert(
        fc.property(objects, (object) => {
          const once = fixed(object, rule);
          const left = found(once.object, [rule]);
          if (complete.includes(rule)) expect(left).toEqual([]);
          expect(left.length).toBeLessThanOrEqual(found(object, [rule]).length);
          if (once.patches.length > 0) expect(fixed(once.object, rule).object).toEqual(once.object);
          const others = all.filter((each) => each !== rule);
          const before = new Set(found(object, others).map(({ rule: id, path }) => `${id} ${path}`));
          const after = found(once.object, others).map(({ rule: id, path }) => `${id} ${path}`);
          expect(after.filter((each) => !before.has(each))).toEqual([]);
        }),
        { numRuns: 60 },
      );
    },
  );

  it("are there for exactly the findings that can be mended without deciding for people", () => {
    const one = { spec: { replicas: 1 } };
    expect(gpuRolloutCanFinish.fix?.(one, { path: "spec.strategy.rollingUpdate.maxUnavailable" })).toEqual([]);
    const half = { spec: { containers: [{ resources: { limits: { "nvidia.com/gpu": "500m" } } }] } };
    const path = 'spec.containers[0].resources.limits["nvidia.com/gpu"]';
    expect(gpuLimitsWellformed.fix?.(half, { path })).toEqual([]);
    const alone = { spec: { containers: [{ resources: { requests: { "nvidia.com/gpu": 1 } } }] } };
    expect(gpuLimitsWellformed.fix?.(alone, { path })).toEqual([{ op: "set", path: keysOf(path), value: 1 }]);
  });
});
