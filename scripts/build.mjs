// Builds dist/: the library by tsc, the in-cluster runtime programs as one ESM file each by esbuild
// (they travel in a ConfigMap, so they must be a single file without dependencies), and the files
// that tsc does not carry over.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
process.chdir(root);
// `npm ci --ignore-scripts` leaves no dist; the demo then builds it once.
if (process.argv.includes("--if-missing") && existsSync("dist/cli/main.js")) process.exit(0);
rmSync("dist", { recursive: true, force: true });

execFileSync(process.execPath, [require.resolve("typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
  stdio: "inherit",
});

for (const name of ["fetch"]) {
  const entry = join("src", "runtime", name, "main.ts");
  if (!existsSync(entry)) continue;
  await build({
    entryPoints: [entry],
    outfile: join("dist", "runtime", "bundle", `${name}.mjs`),
    bundle: true,
    minify: false,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "inline",
    logLevel: "error",
  });
}

copyAssets("src/engine", "dist/engine", [".proto", ".cjs"]);
copyAssets("src/graph", "dist/graph", [".json"]);
if (existsSync("dist/cli/main.js")) chmodSync("dist/cli/main.js", 0o755);

/** Copies files of the given endings, keeping their folders; tsc leaves them behind. */
function copyAssets(from, to, endings) {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    if (!entry.isFile() || source.includes("fixtures") || !endings.some((ending) => entry.name.endsWith(ending)))
      continue;
    const target = join(to, source.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
}
