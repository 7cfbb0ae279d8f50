import { InputError } from "../graph/model.js";
import { exit, type Io } from "./io.js";
import { nearest } from "./options.js";
import { version } from "./version.js";

/** A command of `plinth`: what it is for, and its code, loaded only when it is run. */
interface Command {
  readonly summary: string;
  readonly load: () => Promise<{ run: (args: readonly string[], io: Io) => Promise<number> }>;
}

const commands: { readonly [name: string]: Command } = {
  preview: {
    summary: "Show every resource a program or a folder of manifests declares, without credentials",
    load: () => import("./commands/preview.js"),
  },
  check: {
    summary: "Check a program or manifests against the rules for machine-learning platforms",
    load: () => import("./commands/check.js"),
  },
  rules: {
    summary: "List the rules",
    load: () => import("./commands/rules.js"),
  },
  explain: {
    summary: "Explain a rule: what must hold, why, exactly when it is broken",
    load: () => import("./commands/explain.js"),
  },
  diff: {
    summary: "Compare two revisions or graphs: added, changed, replaced, at risk of data loss",
    load: () => import("./commands/diff.js"),
  },
  lock: {
    summary: "Write the digest of every image tag and chart version into plinth.lock.json, or check it",
    load: () => import("./commands/lock.js"),
  },
  policies: {
    summary: "Write the rules as admission policies of a cluster",
    load: () => import("./commands/policies.js"),
  },
  render: {
    summary: "Write the Kubernetes objects as YAML, one file per object",
    load: () => import("./commands/render.js"),
  },
};

/** Runs `plinth` with these arguments and gives its exit status. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    io.stderr(`${explain(error, io)}\n`);
    return exit.failed;
  }
}

async function dispatch([name, ...args]: readonly string[], io: Io): Promise<number> {
  if (name === undefined) {
    io.stderr(help());
    return exit.failed;
  }
  if (name === "--help" || name === "-h" || name === "help") {
    const command = name === "help" ? args[0] : undefined;
    if (command !== undefined) return (await find(command).load()).run(["--help"], io);
    io.stdout(help());
    return exit.ok;
  }
  if (name === "--version" || name === "-v") {
    io.stdout(`${version()}\n`);
    return exit.ok;
  }
  return (await find(name).load()).run(args, io);
}

function find(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const near = nearest(name, Object.keys(commands));
  const what = name.startsWith("-") ? `option ${name}` : `command "${name}"`;
  throw new InputError(`plinth has no ${what}. ${near ? `Did you mean "${near}"?` : 'See "plinth --help".'}`);
}

function help(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return `Plinth: machine-learning platforms as Pulumi programs, previewed without credentials.

Usage: plinth COMMAND [ARGUMENTS]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  .join("\n")}

  plinth COMMAND --help   what a command takes, with examples
  plinth --version        the version

Exit status: 0 fine, 1 findings, 2 the input could not be read or run.
`;
}

/** One message without a stack; a mistake of ours says how to see more. */
function explain(error: unknown, io: Io): string {
  if (error instanceof InputError) return `plinth: ${error.message}`;
  if (io.env.PLINTH_DEBUG && error instanceof Error) return `plinth: ${error.stack}`;
  const message = error instanceof Error ? error.message : String(error);
  return `plinth: internal error: ${message.split("\n")[0]}. Set PLINTH_DEBUG=1 to see where; this is a fault of plinth, please report it.`;
}
