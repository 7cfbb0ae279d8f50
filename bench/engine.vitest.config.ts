import { mergeConfig } from "vitest/config";
import config from "../test/e2e/vitest.config.js";

// The programs of the end-to-end tests start servers and the engine; a benchmark runs alone.
const merged = mergeConfig(config, { test: { testTimeout: 1_200_000, maxWorkers: 1 } });
merged.test.include = ["bench/engine.e2e.ts"];
export default merged;
