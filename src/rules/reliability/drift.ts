import { z } from "zod";
import { defineGraphRule } from "../rule.js";

/** REL009: a model in production is watched. */
export const driftMonitored = defineGraphRule({
  id: "REL009",
  name: "drift-monitored",
  pack: "reliability",
  severity: "high",
  statement: "Each inference endpoint of production has a drift monitor.",
  why: "A model that no longer fits the world answers as fast and as surely as ever: nothing else in the platform notices.",
  source:
    "https://docs.cloud.google.com/architecture/mlops-continuous-delivery-and-automation-pipelines-in-machine-learning",
  semantics:
    "Off unless `enabled` is true; production only. Each plinth:index:InferenceEndpoint of the program is a dependency of a plinth:index:DriftMonitor, or the monitor's inputs name it. What the monitor watches is not looked at.",
  parameters: z.strictObject({
    enabled: z.boolean().default(false).describe("Whether endpoints of production need a drift monitor."),
  }),
  bad: `apiVersion: plinth.dev/test
kind: plinth:index:InferenceEndpoint
metadata: { name: fraud }
spec: { hostname: fraud.example.com }
`,
  good: `apiVersion: plinth.dev/test
kind: plinth:index:InferenceEndpoint
metadata: { name: fraud }
spec: { hostname: fraud.example.com }
---
apiVersion: plinth.dev/test
kind: plinth:index:DriftMonitor
metadata: { name: fraud-drift }
spec: { endpoint: fraud }
`,
  check: (view, { enabled }, { environment }) => {
    if (!enabled || environment !== "production") return [];
    const monitors = view.ofType(/^plinth:index:DriftMonitor$/);
    return view
      .ofType(/^plinth:index:InferenceEndpoint$/)
      .filter(
        ({ urn, name }) => !monitors.some((each) => each.dependencies.includes(urn) || each.inputs.endpoint === name),
      )
      .map((node) => ({
        node,
        verdict: "violation" as const,
        path: "",
        message: `no DriftMonitor watches the endpoint ${node.name}`,
      }));
  },
});
