// Programs of N plain Deployments: Plinth's preview beside the same program under Pulumi's mocks, in one run.
//
//   node bench/preview.mjs [--quick]      a table on stderr, JSON on stdout
//
// Time is from start to end of a fresh process; memory is the peak of the process the program runs in (for the
// preview, the engine's own process is given beside it). Runs alternate, so that both sides see the same machine.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quick = process.argv.includes("--quick");
const sizes = quick ? [0, 300] : [0, 300, 1000, 5000];
const runs = (size) => (quick || size >= 5000 ? 3 : 5);

const home = mkdtempSync(join(tmpdir(), "plinth-bench-"));
symlinkSync(join(root, "node_modules"), join(home, "node_modules"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

await build({
  entryPoints: [join(root, "src/engine/index.ts")],
  outfile: join(home, "engine/index.mjs"),
  bundle: true,
  packages: "external",
  platform: "node",
  format: "esm",
  logLevel: "error",
});
for (const file of ["engine.proto", "preload.cjs"])
  symlinkSync(join(root, "src/engine", file), join(home, "engine", file));

const peak = 'process.on("exit", () => console.log("peak " + process.resourceUsage().maxRSS));\n';
writeFileSync(
  join(home, "preview.mjs"),
  `import { runProgram } from "./engine/index.mjs";
const { graph } = await runProgram({ directory: process.argv[2], onLog: (line) => console.log(line) });
console.log("engine " + process.resourceUsage().maxRSS);
console.log("count " + graph.nodes.filter((node) => node.kind === "custom").length);
`,
);
writeFileSync(
  join(home, "mocks.cjs"),
  `const pulumi = require("@pulumi/pulumi");
let count = 0;
pulumi.runtime.setMocks({
  newResource: ({ inputs, name }) => { count++; return { id: name + "_id", state: inputs }; },
  call: ({ inputs }) => inputs,
}, "bench", "dev", true);
process.on("exit", () => console.log("count " + count));
require(process.argv[2] + "/index.js");
`,
);

const program = (size) => `${peak}const k8s = require("@pulumi/kubernetes");
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

/** One run of a command: seconds, and the numbers it prints (kilobytes, resources). */
function measure(script, directory, size) {
  const started = performance.now();
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(home, script), directory], { encoding: "utf8" });
  const seconds = (performance.now() - started) / 1000;
  const number = (word) => Number(new RegExp(`^${word} (\\d+)$`, "m").exec(stdout)?.[1] ?? Number.NaN);
  if (status !== 0 || number("count") !== size)
    throw new Error(`${script} with ${size}: exit ${status}, ${number("count")} resources\n${stderr}`);
  return { seconds, megabytes: number("peak") / 1024, engineMegabytes: number("engine") / 1024 };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const summary = (list, key) => Number(median(list.map((item) => item[key])).toFixed(2));

const results = sizes.map((size) => {
  const directory = join(home, `n${size}`);
  mkdirSync(directory);
  writeFileSync(join(directory, "Pulumi.yaml"), "name: bench\nruntime: nodejs\n");
  writeFileSync(join(directory, "package.json"), '{ "name": "bench", "private": true }');
  writeFileSync(join(directory, "index.js"), program(size));
  const preview = [];
  const mocks = [];
  for (let i = 0; i < runs(size); i++) {
    preview.push(measure("preview.mjs", directory, size));
    mocks.push(measure("mocks.cjs", directory, size));
  }
  const row = {
    deployments: size,
    previewSeconds: summary(preview, "seconds"),
    mocksSeconds: summary(mocks, "seconds"),
    previewMegabytes: summary(preview, "megabytes"),
    engineMegabytes: summary(preview, "engineMegabytes"),
    mocksMegabytes: summary(mocks, "megabytes"),
  };
  return {
    ...row,
    timeRatio: Number((row.previewSeconds / row.mocksSeconds).toFixed(2)),
    memoryRatio: Number((row.previewMegabytes / row.mocksMegabytes).toFixed(2)),
  };
});

console.error("deployments  preview  setMocks  ratio   memory MB (program + engine)  setMocks MB  ratio");
for (const row of results) {
  const cells = [
    String(row.deployments).padStart(11),
    `${row.previewSeconds} s`.padStart(7),
    `${row.mocksSeconds} s`.padStart(8),
    String(row.timeRatio).padStart(5),
    `${Math.round(row.previewMegabytes)} + ${Math.round(row.engineMegabytes)}`.padStart(29),
    String(Math.round(row.mocksMegabytes)).padStart(12),
    String(row.memoryRatio).padStart(6),
  ];
  console.error(cells.join("  "));
}
console.log(JSON.stringify({ benchmark: "preview", node: process.version, results }, null, 2));
