import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connect } from "../test/e2e/cluster/api.js";
import { compare, show } from "../test/e2e/conformance/compare.js";
import { fromGraph } from "../test/e2e/conformance/from-graph.js";
import { fromPreview } from "../test/e2e/conformance/from-preview.js";
import { CLUSTER_TOOLS, cluster, describeWith } from "../test/e2e/needs.js";
import { openStack } from "../test/e2e/pulumi/stack.js";

const quick = process.env.PLINTH_BENCH_QUICK !== undefined;
const sizes = quick ? [300] : [300, 1000];
const runs = quick ? 1 : 3;

const program = (size: number): string => `const k8s = require("@pulumi/kubernetes");
for (let i = 0; i < ${size}; i++) {
  const labels = { app: "app-" + i };
  new k8s.apps.v1.Deployment("app-" + i, {
    metadata: { name: "app-" + i, namespace: "bench", labels },
    spec: {
      replicas: 2, selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx:1.29", ports: [{ containerPort: 80 }],
        resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi" } } }] } },
    },
  });
}
`;

describeWith([...CLUSTER_TOOLS, "pulumi", "pulumi-resource-kubernetes"], "plinth preview beside pulumi preview", () => {
  it.each(sizes)("of %i Deployments", async (size) => {
    const folder = mkdtempSync(join(tmpdir(), "plinth-bench-"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
    writeFileSync(join(folder, "package.json"), '{ "name": "bench", "private": true }');
    writeFileSync(join(folder, "index.js"), program(size));
    const stack = await openStack({ program: folder, stack: "dev", env: { KUBECONFIG: cluster().kubeconfig } });
    try {
      await connect(cluster())
        .create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "bench" } })
        .catch(() => {}); // There from the size before.
      const times = { plinth: [] as number[], pulumi: [] as number[] };
      for (let run = 0; run < runs; run++) {
        times.plinth.push(seconds(() => plinth(stack.folder)));
        times.pulumi.push(await secondsOf(async () => expect((await stack.command(["preview"])).code).toBe(0)));
      }
      const graph = JSON.parse(plinth(stack.folder, "--format", "json"));
      const real = fromPreview({ ...(await stack.preview()), outputs: new Map() }, stack.folder);
      const found = compare(real, fromGraph({ graph, secrets: new Map() }, stack.folder));
      expect(show(`${size} Deployments`, found)).toBe("");
      const [ours, theirs] = [median(times.plinth), median(times.pulumi)];
      process.stderr.write(
        `${size} Deployments: plinth preview ${ours.toFixed(2)} s, pulumi preview ${theirs.toFixed(2)} s, ${(theirs / ours).toFixed(1)} times as long; the same graph (medians of ${runs})\n`,
      );
    } finally {
      await stack.removeAll();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function plinth(folder: string, ...args: readonly string[]): string {
  const command = ["dist/cli/main.js", "preview", folder, "--stack", "dev", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8", maxBuffer: 1 << 28 });
  expect(`${status} ${stderr}`).toMatch(/^0 /);
  return stdout;
}

function seconds(work: () => void): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
