// Type-checking a user's program that imports plinth, beside the same program on @pulumi/pulumi alone.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compare, printRatio, runNode } from "./measure.mjs";

const runs = process.argv.includes("--quick") ? 1 : 7;
const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const folder = join(root, "node_modules", ".cache", "bench-typecheck");

const PROGRAMS = {
  plinth: `import * as pulumi from "@pulumi/pulumi";
import { engine, ExistingCluster, InferenceEndpoint, ModelArtifact } from "plinth";
const config = new pulumi.Config();
const platform = new ExistingCluster("edge", { kubeconfig: config.requireSecret("kubeconfig"), environment: "development", namespace: "fraud" });
const model = ModelArtifact.from({ uri: "s3://models/fraud/1/", version: "1", digest: \`sha256:\${"0".repeat(64)}\` });
export const url = new InferenceEndpoint("fraud", { platform, model, engine: engine.triton() }).url;
`,
  pulumi: `import * as pulumi from "@pulumi/pulumi";
const config = new pulumi.Config();
class Endpoint extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  constructor(name: string, args: { kubeconfig: pulumi.Input<string> }, opts?: pulumi.ComponentResourceOptions) {
    super("bench:index:Endpoint", name, args, opts);
    this.url = pulumi.interpolate\`http://\${name}\`;
    this.registerOutputs({ url: this.url });
  }
}
export const url = new Endpoint("fraud", { kubeconfig: config.requireSecret("kubeconfig") }).url;
`,
};

const CONTENDERS = Object.fromEntries(
  Object.entries(PROGRAMS).map(([name, text]) => [name, () => runNode([tsc, "-p", program(name, text)])]),
);
const medians = await compare(CONTENDERS, runs);
printRatio(`Type-checking a program, median of ${runs}`, medians, "time <= 1.3x");
rmSync(folder, { recursive: true, force: true });

function program(name, text) {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name, private: true }));
  writeFileSync(join(project, "index.ts"), text);
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        module: "nodenext",
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: [],
      },
      files: ["index.ts"],
    }),
  );
  return project;
}
