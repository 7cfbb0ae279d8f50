// `plinth preview` beside the real `pulumi preview` of the same programs, on a real API server, with the same graph.
// Needs the tools of the end-to-end tests: `npm run test:e2e` builds them; without them this says so and measures nothing.
//
//   node bench/engine.mjs [--quick]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { builtTools } from "../test/e2e/tools/build.mjs";

const missing = Object.values(builtTools()).flatMap((tool) => tool.missing ?? []);
if (missing.length > 0) {
  console.error(`the real engine: not measured, ${missing[0]}`);
} else {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "-c", "bench/engine.vitest.config.ts", "--reporter=dot"],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        PLINTH_E2E_BUILD: "no",
        ...(process.argv.includes("--quick") && { PLINTH_BENCH_QUICK: "1" }),
      },
    },
  );
  process.exitCode = status ?? 1;
}
