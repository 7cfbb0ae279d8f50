// A user's own project: the existing-cluster example, copied out of the repository, on the packed tarball, once as a
// CommonJS program (the official Pulumi template) and once as an ESM program. Nothing may lean on the checkout.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const versions = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;
const example = join(root, "examples", "existing-cluster");
const folder = mkdtempSync(join(tmpdir(), "plinth-installed-"));

const PROGRAMS = [
  { name: "commonjs", package: { main: "index.ts" }, extra: {} },
  { name: "esm", package: { type: "module", main: "index.ts" }, extra: { "ts-node": "10.9.2" } },
];

try {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  const graphs = PROGRAMS.map((program) => previewed(program, join(folder, packed.filename)));
  if (graphs[0] !== graphs[1]) throw new Error("the CommonJS and the ESM program gave different graphs");
  console.log(`both programs preview alike: ${JSON.parse(graphs[0]).nodes.length} resources`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function previewed(program, tarball) {
  const project = join(folder, program.name);
  mkdirSync(project);
  cpSync(example, project, { recursive: true, filter: (path) => !path.includes("node_modules") });
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      name: "my-platform",
      private: true,
      ...program.package,
      dependencies: {
        "@pulumi/kubernetes": versions["@pulumi/kubernetes"],
        "@pulumi/pulumi": versions["@pulumi/pulumi"],
        plinth: `file:${tarball}`,
        typescript: versions.typescript,
        ...program.extra,
      },
    }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], project);
  const graph = run("npx", ["plinth", "preview", "--stack", "dev", "--format", "json"], project);
  // Source lines differ by module system (engine reference §7): they are not what this check is about.
  return JSON.stringify(JSON.parse(graph, (key, value) => (key === "source" ? undefined : value)));
}

function run(command, args, cwd) {
  return execFileSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 << 20,
    stdio: ["ignore", "pipe", "inherit"],
  });
}
