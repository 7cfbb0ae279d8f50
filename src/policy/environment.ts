import type { ResourceGraph } from "../graph/model.js";
import type { Environment } from "../rules/index.js";

const strictest: readonly Environment[] = ["production", "staging", "development"];

/** Where a program says that it runs: the strictest environment of its platforms; `undefined` when it has none. */
export function environmentOf(graph: ResourceGraph): Environment | undefined {
  const said = graph.nodes.flatMap(({ type, inputs }) =>
    /^plinth:index:\w*(Platform|Cluster)$/.test(type) ? [inputs.environment] : [],
  );
  return strictest.find((environment) => said.includes(environment));
}
