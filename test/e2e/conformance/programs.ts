import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A program that both engines run. */
export interface Program {
  readonly name: string;
  /** Where it stands. */
  readonly folder: string;
  /** @default "dev" */
  readonly stack?: string;
  /** The folder the program runs in, under its own: that of `main`. */
  readonly main?: string;
  /** Set over the stack's file. The real engine gets secrets encrypted in that file, the embedded one as `--config`. */
  readonly config?: Readonly<Record<string, string | { readonly secret: string }>>;
  /** What data sources answer, by token: the stand-in is told and, by its `plinth.invokes.json`, the embedded engine. */
  readonly answers?: Answers;
  /** Answers that only the stand-in knows. */
  readonly unanswered?: Answers;
}

export type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const here = fileURLToPath(new URL(".", import.meta.url));
const examples = fileURLToPath(new URL("../../../examples", import.meta.url));

/** Settings of the programs that have any; every folder of `programs` and `failing` is a program. */
const SETTINGS: Readonly<Record<string, Partial<Program>>> = {
  "config-secrets": {
    config: { password: { secret: "hunter22" }, port: { secret: "5432" }, settings: { secret: '{"a":[1,"two"]}' } },
  },
  "provider-config-from-stack": {
    config: { "test:region": "eu", "test:token": { secret: "t0ken" }, "test:zones": '["a","b"]' },
  },
  "invoke-unanswered": { unanswered: { "test:index:ask": { answer: "yes", object: { part: "p" } } } },
  "main-folder": { main: "app" },
  "main-file": { main: "src" },
};

function programsIn(folder: string): Program[] {
  return readdirSync(join(here, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, folder: join(here, folder, name), ...SETTINGS[name] }));
}

/** Programs whose graphs are compared. */
export const programs = programsIn("programs");

/** Programs that fail in both engines. */
export const failing = programsIn("failing");

/** Stacks that are deployed before, because programs refer to them. */
export const deployed = programsIn("stacks");

/** A cluster that does not answer, as the data source tells it. */
const eksCluster: Answers = {
  "aws:eks/getCluster:getCluster": {
    endpoint: "https://127.0.0.1:1",
    certificateAuthorities: [{ data: "" }],
    vpcConfig: { subnetIds: ["subnet-a", "subnet-b"] },
  },
};

/** The examples, each with its stacks. */
export const exampleStacks: readonly Program[] = [
  { name: "existing-cluster", folder: join(examples, "existing-cluster"), stack: "dev" },
  { name: "fraud-detection", folder: join(examples, "fraud-detection"), stack: "dev", answers: eksCluster },
  {
    name: "fraud-detection-prod",
    folder: join(examples, "fraud-detection"),
    stack: "prod",
    answers: eksCluster,
    config: { auditKey: { secret: "an audit key" } },
  },
];

/** What stand-in plugins answer: what the embedded engine reads in `plinth.invokes.json`, and what it is not told. */
export function answersOf(all: readonly Program[]): Answers {
  const files = all.map(({ folder }) => join(folder, "plinth.invokes.json")).filter((file) => existsSync(file));
  const told = files.flatMap((file) => {
    const { invokes = [] } = JSON.parse(readFileSync(file, "utf8")) as InvokesFile;
    // An answer to certain arguments is one to repeat them, which the stand-in does by itself.
    return invokes.map(({ token, args, result }): Answers => ({ [token]: args ? {} : result }));
  });
  return Object.assign(
    {},
    ...told,
    ...all.map(({ answers, unanswered }) => ({ ...answers, ...unanswered })),
  ) as Answers;
}

interface InvokesFile {
  readonly invokes?: readonly {
    readonly token: string;
    readonly args?: object;
    readonly result: Readonly<Record<string, unknown>>;
  }[];
}

export const commonFiles = join(here, "programs", "things.js");
export const pluginsFolder = join(here, "plugins");
