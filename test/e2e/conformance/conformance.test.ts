import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../../../src/engine/index.js";
import { type GraphRun, InputError } from "../../../src/graph/model.js";
import { describeWith } from "../needs.js";
import { COMPARED, NOT_COMPARED } from "./comparable.js";
import { compare, show } from "./compare.js";
import { differences, isIdentity } from "./differences.js";
import { failures } from "./failures.js";
import { fromGraph } from "./from-graph.js";
import { fromPreview } from "./from-preview.js";
import { maskGeneratedNames } from "./masks.js";
import { withoutInsides } from "./outside.js";
import { exampleStacks, failing, type Program, programs } from "./programs.js";
import { openRealEngine, type RealEngine } from "./real.js";

const LEAST_PROGRAMS = 40;
const LEAST_RESOURCES = 5;

function embedded(program: Program, directory: string): Promise<GraphRun> {
  const config = Object.entries(program.config ?? {}).map(([key, value]): [string, string] => [
    key,
    typeof value === "string" ? value : value.secret,
  ]);
  return runProgram({ directory, stack: program.stack ?? "dev", config: Object.fromEntries(config) });
}

/** Declared by the program: the stack and default providers are not. */
const declared = ({ graph }: GraphRun) =>
  graph.nodes.filter(({ kind, name }) => kind !== "stack" && !(kind === "provider" && name.startsWith("default")));

/** Fields of the graph that the comparison neither reads nor names as left out. */
function undecided({ graph }: GraphRun): string[] {
  const fields = new Set(graph.nodes.flatMap((node) => Object.keys(node)));
  return [...fields].filter((field) => !COMPARED.includes(field) && !(field in NOT_COMPARED));
}

describeWith(["pulumi", "pulumi-resource-kubernetes"], "the embedded engine and the real one", () => {
  let real: RealEngine;

  beforeAll(async () => {
    real = await openRealEngine();
  });
  afterAll(() => real?.close());

  const agree = async (program: Program): Promise<void> => {
    const folder = await real.prepare(program);
    const preview = await real.preview(program, folder);
    expect(preview.code, preview.text).toBe(0);
    const run = await embedded(program, folder);
    expect(declared(run).length).toBeGreaterThanOrEqual(LEAST_RESOURCES);

    expect(undecided(run)).toEqual([]);

    const cwd = join(folder, program.main ?? "");
    const theirs = withoutInsides(fromPreview(preview, cwd), run.graph);
    const found = compare(maskGeneratedNames(theirs, run.graph), maskGeneratedNames(fromGraph(run, cwd), run.graph));
    const known = differences.filter((difference) => difference.programs.includes(program.name));
    const unexplained = found.filter(
      (each) => isIdentity(each) || !known.some((difference) => difference.explains(each)),
    );
    expect(show(program.name, unexplained)).toBe("");
    const unseen = known.filter((difference) => !found.some(difference.explains)).map(({ id }) => id);
    expect(unseen, "differences that this program is listed for and does not show").toEqual([]);
  };

  test.concurrent.each(exampleStacks)("see the same graph of the example $name", agree);
  test.concurrent.each(programs)("see the same graph of $name", agree);

  test.concurrent.each(failing)("both fail on $name, or the table says why not", async (program) => {
    const failure = failures[program.name]!;
    const folder = await real.prepare(program);
    const preview = await real.preview(program, folder);
    expect(preview.code).not.toBe(0);
    expect(preview.text).toContain(failure.real);

    const ended = await embedded(program, folder).catch((error: unknown) => error);
    const isListed = differences.some((difference) => difference.programs.includes(program.name));
    expect(isListed).toBe(failure.embedded === undefined);
    if (failure.embedded === undefined) return;
    expect(ended).toBeInstanceOf(InputError);
    expect((ended as InputError).message).toContain(failure.embedded);
  });

  test("are compared on enough programs", () => {
    expect(programs.length).toBeGreaterThanOrEqual(LEAST_PROGRAMS);
  });
});
