import { defineConfig } from "vitest/config";

// One process for many files: loading @pulumi/pulumi costs about half a second, and the harness
// installs fresh mocks for each test, so isolation would only pay that again for every file.
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/fixtures/**", "test/e2e/**"],
    pool: "forks",
    isolate: false,
    setupFiles: ["test/property-seed.ts"],
    testTimeout: 30_000,
  },
});
