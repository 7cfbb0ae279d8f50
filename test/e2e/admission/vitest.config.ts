import { mergeConfig } from "vitest/config";
import config from "../vitest.config.js";

// Apart from the others: compiling sixty policies for many kinds takes the API server and its controllers minutes of
// processor time, in which nothing else would get on.
const merged = mergeConfig(config, {});
merged.test.include = ["test/e2e/admission/**/*.test.ts"];
merged.test.exclude = ["**/node_modules/**"];
export default merged;
