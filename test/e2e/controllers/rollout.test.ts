import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Api, connect, makeNamespace, type Namespace } from "../cluster/api.js";
import { installCrds } from "../cluster/crds.js";
import type { KubeObject } from "../cluster/objects.js";
import { CLUSTER_TOOLS, cluster, describeWith, tools } from "../needs.js";
import type { Started } from "../processes/processes.js";
import { ROLLOUTS_CRDS, startRollouts } from "./rollouts.js";

interface Rollout extends KubeObject {
  readonly status: {
    readonly phase?: string;
    readonly message?: string;
    readonly abort?: boolean;
    readonly currentPodHash?: string;
    readonly currentStepIndex?: number;
    readonly pauseConditions?: readonly { readonly reason: string }[];
    readonly readyReplicas?: number;
    readonly stableRS?: string;
    readonly updatedReplicas?: number;
  };
}

interface Pod extends KubeObject {
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

interface AnalysisRun extends KubeObject {
  readonly status: { readonly phase: string };
}

describeWith([...CLUSTER_TOOLS, "rollouts-controller"], "a Rollout under its real controller", () => {
  /** What the canary's metric is at the moment, and how often it was asked for. */
  const metric = { value: 0, asked: 0 };
  let metricServer: Server;
  let api: Api;
  let namespace: Namespace;
  let controller: Started;
  let root: string;

  beforeAll(async () => {
    metricServer = createServer((_, response) => {
      metric.asked += 1;
      response.setHeader("Content-Type", "application/json").end(JSON.stringify({ errors: metric.value }));
    });
    await new Promise<void>((resolve) => metricServer.listen(0, "127.0.0.1", resolve));

    api = connect(cluster());
    namespace = await makeNamespace(api, "rollout");
    root = `/apis/argoproj.io/v1alpha1/namespaces/${namespace.name}`;
    await installCrds(api, ROLLOUTS_CRDS);
    controller = startRollouts(tools(), cluster(), namespace.name);
  });
  afterAll(async () => {
    await controller?.stop();
    await namespace?.remove();
    metricServer.close();
  });

  function template(): KubeObject {
    const url = `http://127.0.0.1:${(metricServer.address() as AddressInfo).port}/`;
    return {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "AnalysisTemplate",
      metadata: { name: "errors", namespace: namespace.name },
      spec: {
        metrics: [
          {
            name: "errors",
            count: 1,
            successCondition: "result < 0.05",
            provider: { web: { url, jsonPath: "{$.errors}" } },
          },
        ],
      },
    };
  }

  function rollout(image: string): KubeObject {
    return {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: { name: "web", namespace: namespace.name },
      spec: {
        replicas: 4,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "main", image }] },
        },
        strategy: {
          canary: {
            maxSurge: 1,
            maxUnavailable: 0,
            steps: [
              { setWeight: 25 },
              { pause: {} },
              { analysis: { templates: [{ templateName: "errors" }] } },
              { setWeight: 50 },
              { pause: {} },
            ],
          },
        },
      },
    };
  }

  const until = (what: string, predicate: (status: Rollout["status"]) => boolean) =>
    api.waitFor<Rollout>(`${root}/rollouts/web`, ({ status }) => status !== undefined && predicate(status), {
      seconds: 60,
      what,
    });

  /** Waits for the pause that is this step, then gives the pods of each image. */
  async function pausedAt(step: number): Promise<Record<string, number>> {
    await until(
      `the pause of step ${step}`,
      (status) => status.currentStepIndex === step && status.phase === "Paused" && status.readyReplicas === 4,
    );
    return images();
  }

  /** As `kubectl argo rollouts promote` does. */
  const goOn = () => api.patch(`${root}/rollouts/web/status`, { status: { pauseConditions: null } });

  async function images(): Promise<Record<string, number>> {
    const pods = await api.list<Pod>(`/api/v1/namespaces/${namespace.name}/pods`);
    const counts: Record<string, number> = {};
    for (const { metadata, spec } of pods) {
      const { image } = spec.containers[0]!;
      if (metadata.deletionTimestamp === undefined) counts[image] = (counts[image] ?? 0) + 1;
    }
    return counts;
  }

  const runs = async () => (await api.list<AnalysisRun>(`${root}/analysisruns`)).map(({ status }) => status.phase);

  it("starts all pods of its first version at once", async () => {
    await api.create(template());
    await api.create(rollout("app:1"));
    await until("the first version to be healthy", ({ phase }) => phase === "Healthy");
    expect(await images()).toEqual({ "app:1": 4 });
    expect(metric.asked).toBe(0);
  });

  it("takes a new version over 25 %, a pause, an analysis and 50 % to all pods", async () => {
    metric.value = 0.01;
    await api.apply(rollout("app:2"));
    expect(await pausedAt(1)).toEqual({ "app:1": 3, "app:2": 1 });
    expect(metric.asked).toBe(0);

    await goOn();
    expect(await pausedAt(4)).toEqual({ "app:1": 2, "app:2": 2 });
    expect(await runs()).toEqual(["Successful"]);
    expect(metric.asked).toBe(1);

    await goOn();
    const { status } = await until(
      "the second version to be healthy",
      ({ phase, updatedReplicas, readyReplicas }) =>
        phase === "Healthy" && updatedReplicas === 4 && readyReplicas === 4,
    );
    expect(status.currentPodHash).toBe(status.stableRS);
    expect(await images()).toEqual({ "app:2": 4 });
  });

  it("aborts the next version when the analysis fails, and keeps the stable pods", async () => {
    const stable = await api.get<Rollout>(`${root}/rollouts/web`);
    metric.value = 0.5;
    await api.apply(rollout("app:3"));
    expect(await pausedAt(1)).toEqual({ "app:2": 3, "app:3": 1 });

    await goOn();
    // At the abort itself the canary's pod is still there.
    const { status } = await until(
      "the abort",
      ({ phase, updatedReplicas = 0, readyReplicas }) =>
        phase === "Degraded" && updatedReplicas === 0 && readyReplicas === 4,
    );
    expect(status.abort).toBe(true);
    expect(status.message).toBe(
      'RolloutAborted: Rollout aborted update to revision 3: Step-based analysis phase error/failed: Metric "errors" assessed Failed due to failed (1) > failureLimit (0)',
    );
    expect(status.stableRS).toBe(stable.status.stableRS);
    expect(await images()).toEqual({ "app:2": 4 });
    expect((await runs()).sort()).toEqual(["Failed", "Successful"]);
    expect(metric.asked).toBe(2);
  });
});
