export { type Matchers, matchers } from "./matchers.js";
export { type RecordOptions, recordGraph } from "./record-graph.js";
