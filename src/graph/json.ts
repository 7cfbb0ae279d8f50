import { assembleGraph } from "./assemble.js";
import type { ResourceGraph } from "./model.js";

/** The graph as JSON that is byte-identical for equal graphs: sorted, indented by two, ended by a newline. */
export function serializeGraph(graph: ResourceGraph): string {
  return `${JSON.stringify(assembleGraph(graph), null, 2)}\n`;
}
