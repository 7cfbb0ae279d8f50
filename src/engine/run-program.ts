import { type GraphRun, InputError } from "../graph/model.js";
import { readAnswers } from "./answers.js";
import { assemble } from "./assemble.js";
import { launch, type Reported } from "./child.js";
import { failuresOf } from "./failures.js";
import { engineHandlers, monitorHandlers } from "./monitor.js";
import { type Config, readProject } from "./project.js";
import { callbackClient, serve } from "./protocol.js";
import { installedVersions } from "./providers.js";
import type { Fault, Session } from "./session.js";
import { sourceRoots } from "./source.js";

export interface RunProgramOptions {
  /** The folder with Pulumi.yaml; its `main` and `stackConfigDir` are followed. */
  readonly directory: string;
  /**
   * Name of the stack.
   * @default the only Pulumi.<stack>.yaml, else `dev` if there is one
   */
  readonly stack?: string;
  /** Configuration over that of the stack's file; a key without a namespace is one of the project. */
  readonly config?: Readonly<Record<string, string>>;
  /** @default "organization" */
  readonly organization?: string;
  /**
   * How long the program may take, in seconds; then it is stopped.
   * @default 120
   */
  readonly timeoutSeconds?: number;
  /** Gets each line the program prints or logs; secret configuration is replaced by `[secret]`. */
  readonly onLog?: (line: string) => void;
}

/**
 * Runs an unmodified Node.js Pulumi program as a preview of an empty stack, without the Pulumi CLI, plugins,
 * credentials or a cluster, and gives the graph of everything it declares. What a provider would compute is unknown.
 * @throws InputError when the project cannot be read or the program fails; the message names file and line.
 */
export async function runProgram(options: RunProgramOptions): Promise<GraphRun> {
  const timeoutSeconds = options.timeoutSeconds ?? 120;
  if (!(timeoutSeconds > 0)) throw new InputError(`--timeout is ${timeoutSeconds}; give a number of seconds above 0.`);
  const project = readProject(options);
  const redact = redactor(project.config);
  const onLog = (text: string): void => {
    for (const line of redact(text).trimEnd().split("\n")) options.onLog?.(line);
  };
  let stop: () => void = () => {};
  let aborted: Fault | undefined;
  const session: Session = {
    project,
    roots: sourceRoots(project.root, project.program),
    answers: readAnswers(project),
    callbacks: callbackClient(),
    installed: installedVersions(project.program),
    resources: new Map(),
    stackTransforms: [],
    invokeTransforms: [],
    hooks: new Map(),
    packages: new Map(),
    invokes: [],
    notices: [],
    errors: [],
    faults: [],
    abort: (fault) => {
      aborted ??= fault;
      stop();
      throw new Error(fault.message);
    },
  };
  const server = await serve(monitorHandlers(session), engineHandlers(session, onLog));
  try {
    const reported: Reported[] = [];
    const stderr: string[] = [];
    const child = launch(project, server.address, timeoutSeconds, {
      line: (text, stream) => {
        if (stream === "stderr") stderr.push(text);
        onLog(text);
      },
      report: (message) => reported.push(message),
    });
    stop = child.kill;
    const ended = await child.ended;
    const failures = failuresOf(session, aborted, { ended, reported, stderr, timeoutSeconds });
    if (failures.length > 0) throw new InputError(redact(failures.join("\n")));
    return assemble(session, redact);
  } finally {
    session.callbacks.close();
    server.stop();
  }
}

/** Replaces secret configuration in texts; values under three characters are left, as Pulumi's own filter does. */
function redactor({ values, secrets, placeholders }: Config): (text: string) => string {
  const hidden = [...secrets]
    .filter((key) => !placeholders.has(key))
    .flatMap((key) => values.get(key) ?? [])
    .filter((value) => value.length >= 3)
    .sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((shown, value) => shown.replaceAll(value, "[secret]"), text);
}
