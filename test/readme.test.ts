import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { run } from "../src/cli/run.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = readFileSync(`${root}README.md`, "utf8");

function block(language: string, containing: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(
    ([, text]) => text!,
  );
  const found = blocks.find((text) => text.includes(containing));
  if (found === undefined) throw new Error(`README.md has no ${language} block with "${containing}"`);
  return found;
}

it("shows the program as it stands in the example", () => {
  const program = readFileSync(`${root}examples/fraud-detection/index.ts`, "utf8");
  const paragraphs = block("ts", "new InferenceEndpoint").trimEnd().split("\n\n");
  expect(paragraphs.length).toBeGreaterThan(4);
  expect(paragraphs.filter((paragraph) => !program.includes(paragraph))).toEqual([]);
});

it("shows what the preview of the example prints", async () => {
  const printed: string[] = [];
  const io = {
    stdout: (text: string) => printed.push(text),
    stderr: () => {},
    stdin: async () => "",
    env: {},
    directory: root,
    isTerminal: false,
  };
  expect(await run(["preview", "examples/fraud-detection", "--stack", "dev"], io)).toBe(0);
  const lines = new Set(printed.join("").split("\n"));
  const shown = block("text", "stack dev").trimEnd().split("\n");
  expect(shown.length).toBeGreaterThan(20);
  expect(shown.filter((line) => line !== "…" && !lines.has(line))).toEqual([]);
});
