// What `npm pack` would publish: only the action, dist, README, LICENSE and policies, and exports that resolve for TypeScript users.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ALLOWED = /^(action\.yml|package\.json|README\.md|LICENSE|dist\/.*|policies\/.*)$/;
const FORBIDDEN = /\.test\.|\/fixtures\/|\.tsbuildinfo$/;

const folder = mkdtempSync(join(tmpdir(), "plinth-pack-"));
try {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder]));
  const wrong = packed.files.map((file) => file.path).filter((path) => !ALLOWED.test(path) || FORBIDDEN.test(path));
  if (wrong.length > 0) {
    console.error(`npm pack would publish files that are not the product:\n  ${wrong.join("\n  ")}`);
    process.exitCode = 1;
  }
  console.log(`npm pack: ${packed.files.length} files, ${Math.round(packed.size / 1024)} kB packed`);
  const tarball = join(folder, packed.filename);
  console.log(run("npx", ["publint", "run", tarball, "--strict"]));
  console.log(run("npx", ["attw", tarball, "--profile", "esm-only"]));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(command, args) {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
