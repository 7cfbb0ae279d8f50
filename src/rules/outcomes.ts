import type { ResourceNode } from "../graph/model.js";
import { leaves } from "../graph/values.js";
import type { GraphOutcome } from "./rule.js";
import { isUndecided, type Truth, undecidedBy } from "./truth.js";

/**
 * What a graph rule says of one place: nothing when what must hold does. What is not certain is told at the unknown value
 * of this resource that decides, or at `path` when another resource decides.
 */
export function told(node: ResourceNode, path: string, holds: Truth, message: string): readonly GraphOutcome[] {
  if (holds === true) return [];
  if (!isUndecided(holds)) return [{ node, verdict: "violation", path, message }];
  const { undecided } = holds;
  const own = [...leaves(node.inputs)].filter(({ value }) => undecidedBy(value)?.undecided === undecided);
  const nearest = own.find((leaf) => leaf.path.startsWith(path) || path.startsWith(leaf.path)) ?? own[0];
  return [
    {
      node,
      verdict: "undecided",
      path: nearest?.path ?? path,
      message: `${undecided} is not known before deployment, and decides`,
    },
  ];
}
