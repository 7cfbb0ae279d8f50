import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runProgram } from "../src/engine/index.js";
import type { GraphRun, ResourceGraph, Value } from "../src/graph/model.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const LONG_TEXT = 2_000;

/** Example programs and the stacks whose graphs are kept: a change of any default shows in the review of these files. */
const EXAMPLES = [
  { example: "fraud-detection", stack: "dev" },
  { example: "fraud-detection", stack: "prod" },
  { example: "existing-cluster", stack: "dev" },
];

/** Programs that travel in ConfigMaps stand in a golden graph by their hash; their text is reviewed where it is written. */
function withoutLongTexts(value: Value): Value {
  if (typeof value === "string") {
    return value.length > LONG_TEXT ? `sha256:${createHash("sha256").update(value).digest("hex")}` : value;
  }
  if (Array.isArray(value)) return value.map(withoutLongTexts);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutLongTexts(item as Value)]));
}

function golden(graph: ResourceGraph): string {
  return `${JSON.stringify(withoutLongTexts(graph as unknown as Value), null, 2)}\n`;
}

function preview(folder: string, stack: string): Promise<GraphRun> {
  return runProgram({ directory: join(root, folder), stack });
}

describe.each(EXAMPLES)("examples/$example, stack $stack", ({ example, stack }) => {
  it("declares exactly the resources of its golden graph", async () => {
    const { graph } = await preview(`examples/${example}`, stack);
    expect(graph.complete).toBe(true);
    await expect(golden(graph)).toMatchFileSnapshot(join(root, "test", "golden", `${example}.${stack}.json`));
  });
});

describe("an example", () => {
  it("gives byte-identical graphs in two runs", async () => {
    const [first, second] = await Promise.all([
      preview("examples/existing-cluster", "dev"),
      preview("examples/existing-cluster", "dev"),
    ]);
    expect(JSON.stringify(first.graph)).toBe(JSON.stringify(second.graph));
  });

  it("is the same program from the root Pulumi.yaml as from its own folder", async () => {
    const [own, fromRoot] = await Promise.all([preview("examples/fraud-detection", "dev"), preview(".", "dev")]);
    const identity = (graph: ResourceGraph) => graph.nodes.map(({ source: _, ...node }) => node);
    expect(identity(fromRoot.graph)).toEqual(identity(own.graph));
  });
});
