import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

// Two files at a time: the tests mostly wait for servers, which need the processor themselves. The files of one process
// are isolated from each other because some load the Pulumi SDK, which keeps global state.
export default defineConfig({
  test: {
    root: resolve(import.meta.dirname, "../.."),
    include: ["test/e2e/**/*.test.ts"],
    // Has a configuration of its own: it takes minutes of processor time.
    exclude: ["**/node_modules/**", "**/fixtures/**", "test/e2e/admission/**"],
    globalSetup: ["test/e2e/setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    // Real names of slow tests are what one looks for when the suite gets too long.
    slowTestThreshold: 10_000,
  },
});
