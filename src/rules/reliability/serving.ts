import { z } from "zod";
import { acceleratorsParameter } from "../accelerators.js";
import { allOf, asksForAccelerator, isGpuPod, nameOf, not, SERVING_KINDS, someIn, valueOr } from "../cel.js";
import { changed, gpuServer } from "../examples.js";
import { type Check, defineObjectRule } from "../rule.js";

const isServer = allOf(
  'list == "containers"',
  "has(container.ports)",
  "size(container.ports) > 0",
  asksForAccelerator("container"),
);

/** What Kubernetes takes when a probe does not say: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe */
const startSeconds = `(${valueOr("container.startupProbe", "failureThreshold", "3")} * ${valueOr("container.startupProbe", "periodSeconds", "10")})`;

const ofServers = (path: string, message: string, expression: string, when: readonly string[] = []): Check => ({
  each: "container",
  kinds: SERVING_KINDS,
  when: allOf(...when, isServer),
  expression,
  path,
  message: `${nameOf("container")} + ${message}`,
});

/** REL003: probes that let a model load. */
export const probesFitModelLoad = defineObjectRule({
  id: "REL003",
  name: "probes-fit-model-load",
  pack: "reliability",
  severity: "high",
  statement: "A model server says when it is ready, and has time to load its model.",
  why: "Without readiness requests reach a server that is still loading; with a liveness probe and no startup probe the server is killed while it loads, again and again.",
  source: "https://kubernetes.io/docs/concepts/workloads/pods/probes/#startup-probe",
  semantics:
    "In serving kinds every main container that asks for an accelerator and has a port has a readinessProbe and a startupProbe. Where the startupProbe is there, failureThreshold (absent: 3) times periodSeconds (absent: 10) is at least `loadSeconds`. A livenessProbe that is equal to the readinessProbe needs a startupProbe. One finding for each.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    loadSeconds: z.int().min(1).default(60).describe("Seconds that a model may take to load."),
  }),
  bad: changed(gpuServer, ", failureThreshold: 60 }", " }"),
  good: gpuServer,
  checks: [
    ofServers("readinessProbe", '" has no readinessProbe"', "has(container.readinessProbe)"),
    ofServers(
      "startupProbe",
      '" has no startupProbe, which gives it time to load its model"',
      "has(container.startupProbe)",
    ),
    ofServers(
      "startupProbe.failureThreshold",
      `" has " + string(${startSeconds}) + " s to start (failureThreshold × periodSeconds); allowed are " + string(variables.config.loadSeconds) + " s or more"`,
      `${startSeconds} >= variables.config.loadSeconds`,
      ["has(container.startupProbe)"],
    ),
    ofServers(
      "livenessProbe",
      '" is restarted when it is not ready: livenessProbe is equal to readinessProbe; allowed is another one, or a startupProbe beside it"',
      "has(container.startupProbe) || container.livenessProbe != container.readinessProbe",
      ["has(container.livenessProbe)", "has(container.readinessProbe)"],
    ),
  ],
});

const grace = valueOr("pod.spec", "terminationGracePeriodSeconds", "30");
const sleepOf = (container: string) => valueOr(container, "lifecycle.preStop.sleep.seconds", "0");

/** REL004: what is being answered is answered to the end. */
export const gracefulDrain = defineObjectRule({
  id: "REL004",
  name: "graceful-drain",
  pack: "reliability",
  severity: "medium",
  statement: "A model server has time to finish its requests when it is stopped.",
  why: "A token stream can last longer than the time a pod is given to end: every rollout and every scale-down then cuts answers off.",
  source: "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination",
  semantics:
    "In serving kinds a pod with a container that asks for an accelerator has terminationGracePeriodSeconds (absent: 30) of at least `seconds` plus the sleep of its preStop hooks (lifecycle.preStop.sleep.seconds, the longest of its main containers), since the hook counts against the time.",
  parameters: z.strictObject({
    accelerators: acceleratorsParameter,
    seconds: z.int().min(1).default(30).describe("Seconds that the longest request takes."),
  }),
  bad: changed(gpuServer, "terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 10"),
  good: gpuServer,
  checks: [
    {
      each: "pod",
      kinds: SERVING_KINDS,
      when: isGpuPod("pod"),
      expression: allOf(
        `${grace} >= variables.config.seconds`,
        not(someIn("pod", "spec.containers", "c", `${grace} < variables.config.seconds + ${sleepOf("c")}`)),
      ),
      path: "spec.terminationGracePeriodSeconds",
      message: `"the pod has " + string(${grace}) + " s to end; allowed are " + string(variables.config.seconds) + " s or more and the sleep of its preStop hooks"`,
    },
  ],
});
