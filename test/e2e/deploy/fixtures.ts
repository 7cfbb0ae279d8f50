import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { StackState, StateResource } from "../pulumi/stack.js";
import type { Example, Target } from "./example.js";

const FOLDER = new URL("./fixtures/", import.meta.url);

/** A state that an earlier commit left, of one example with one set of settings. */
export interface Fixture {
  readonly file: string;
  readonly example: Example;
  readonly stack: string;
  /** The state for a stack that deploys to the given cluster. */
  stateFor(target: Target): StackState;
}

/** All fixtures; a file is named `<example>.<stack>.<version of Plinth>.json`. */
export function fixtures(): Fixture[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => {
      const [example, stack] = file.split(".") as [Example, string];
      const { texts, state } = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as FixtureFile;
      return {
        file,
        example,
        stack,
        stateFor: (target) => withTexts(JSON.parse(fill(JSON.stringify(state), target)), texts),
      };
    });
}

/** Writes the state as a fixture. */
export function writeFixture(
  example: Example,
  stack: string,
  version: string,
  state: StackState,
  target: Target,
): void {
  const texts: Record<string, string> = {};
  const own = JSON.parse(blank(JSON.stringify(normalise(state)), target)) as StackState;
  const content: FixtureFile = { texts, state: withoutTexts(own, texts) };
  const file = new URL(`${example}.${stack}.${version}.json`, FOLDER);
  writeFileSync(file, `${JSON.stringify(content, null, 1)}\n`);
}

/** A state has the text of a ConfigMap three times; in the file it is there once, by a short name. */
interface FixtureFile {
  readonly texts: Record<string, string>;
  readonly state: StackState;
}

const LONG = 5000;

function withoutTexts(state: StackState, texts: Record<string, string>): StackState {
  return mapStrings(state, (text) => {
    if (text.length < LONG) return text;
    const known = Object.keys(texts).find((name) => texts[name] === text) ?? `@text-${Object.keys(texts).length}@`;
    texts[known] = text;
    return known;
  }) as StackState;
}

function withTexts(state: unknown, texts: Readonly<Record<string, string>>): StackState {
  return mapStrings(state, (text) => texts[text] ?? text) as StackState;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, change)]));
}

/** What a cluster of a test has of its own, and what stands for it in a fixture. */
function placeholders(target: Target): readonly (readonly [string, string])[] {
  return [
    [Buffer.from(target.ca).toString("base64"), "@certificate-authority@"],
    [target.server, "@server@"],
    [target.token, "@token@"],
  ];
}

const blank = (text: string, target: Target): string =>
  placeholders(target).reduce((all, [own, placeholder]) => all.replaceAll(own, placeholder), text);
const fill = (text: string, target: Target): string =>
  placeholders(target).reduce((all, [own, placeholder]) => all.replaceAll(placeholder, own), text);

/** Of one run or one machine: times, files, and what a server counts. */
const VOLATILE = new Set([
  ...["created", "modified", "time", "sourcePosition", "stackTrace"],
  ...["creationTimestamp", "managedFields", "resourceVersion", "uid", "clusterIP", "clusterIPs", "status"],
]);

function normalise(state: StackState): StackState {
  const { resources = [], manifest } = state.deployment as { resources?: readonly StateResource[]; manifest?: object };
  return {
    version: state.version,
    // Without the stack's own key: an import encrypts the secrets again.
    deployment: {
      manifest: withoutVolatile(manifest) as object,
      resources: resources.map((resource) => withoutVolatile(resource) as StateResource),
    },
  };
}

function withoutVolatile(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVolatile);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !VOLATILE.has(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutVolatile(item)]));
}
