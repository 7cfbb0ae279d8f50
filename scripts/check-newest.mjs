// The unit tests once more, on the newest Node and the newest Pulumi SDK: what a user gets who installs today. The
// checkout's own pins are the oldest that we develop on, and stay as they are.
//   node scripts/check-newest.mjs [arguments of vitest]
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The newest of each on 2026-11-21. The npm package `node` carries the official builds.
const NODE = "24.21.0";
const PULUMI = "3.270.0";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(realpathSync(tmpdir()), "plinth-newest-"));
const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];

try {
  copySources();
  withNewestPulumi();
  run("npm", ["install", ...quiet, "--ignore-scripts"]);
  run("npm", ["install", ...quiet, "--prefix", join(folder, ".newest-node"), `node@${NODE}`]);
  const bin = join(folder, ".newest-node", "node_modules", "node", "bin");
  // The tests start programs of their own with the `node` they find.
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const sdk = JSON.parse(readFileSync(join(folder, "node_modules", "@pulumi", "pulumi", "package.json"), "utf8"));
  console.log(
    `Node ${execFileSync(join(bin, "node"), ["--version"], { encoding: "utf8" }).trim()}, Pulumi ${sdk.version}`,
  );
  run("node", ["scripts/build.mjs"], env);
  const tests = spawnSync("node", ["node_modules/vitest/vitest.mjs", "run", ...process.argv.slice(2)], {
    cwd: folder,
    env,
    stdio: "inherit",
  });
  process.exitCode = tests.status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What git knows of, and what it would add: never what a build or a test has left. */
function copySources() {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of listed.split("\0").filter(Boolean)) cpSync(join(root, file), join(folder, file), { force: true });
  // The lock file holds the older SDK; what package.json names is pinned exactly there.
  rmSync(join(folder, "package-lock.json"));
}

function withNewestPulumi() {
  const manifests = [".", ...readdirSync(join(folder, "examples")).map((name) => join("examples", name))];
  for (const manifest of manifests.map((name) => join(folder, name, "package.json")).filter(existsSync)) {
    const text = readFileSync(manifest, "utf8");
    writeFileSync(manifest, text.replace(/("@pulumi\/pulumi": )"\d[^"]*"/, `$1"${PULUMI}"`));
  }
}

function run(command, args, env = process.env) {
  execFileSync(command, args, { cwd: folder, env, stdio: ["ignore", "inherit", "inherit"] });
}
