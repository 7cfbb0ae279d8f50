import { stripVTControlCharacters } from "node:util";
import type { SourcePosition } from "../graph/model.js";
import type { Ended, Reported } from "./child.js";
import { type Fault, type Session, stackUrn } from "./session.js";
import { fromStackText, fromTrace, showPosition } from "./source.js";

/** What the program's process left behind. */
export interface Remains {
  readonly ended: Ended;
  readonly reported: readonly Reported[];
  readonly stderr: readonly string[];
  readonly timeoutSeconds: number;
}

/** Why the run failed, in the user's words; empty when it did not. */
export function failuresOf(session: Session, aborted: Fault | undefined, remains: Remains): string[] {
  if (aborted) return [show(aborted)];
  if (remains.ended.timedOut) return [hung(session, remains)];
  const thrown = remains.reported.flatMap(({ failed }) => (failed ? [failed] : []));
  const texts = thrown.length > 0 ? thrown.map((error) => explain(session, error)) : logged(session, remains);
  const faults = session.faults.map(show).sort();
  const ended = remains.ended.code !== 0 && texts.length === 0 ? [explainExit(session, remains)] : [];
  const early = remains.ended.code === 0 && faults.length === 0 ? leftEarly(session) : [];
  return [...new Set([...faults, ...texts, ...ended, ...early])];
}

const at = (source: SourcePosition | undefined): string => (source ? `${showPosition(source)}: ` : "");
const show = (fault: Fault): string => `${at(fault.source)}${fault.message}`;

function explain(session: Session, error: NonNullable<Reported["failed"]>): string {
  const source = fromStackText(error.stack, session.roots);
  // The code is gRPC's, of our own answer; it tells the user nothing.
  const message = stripVTControlCharacters(error.message)
    .replace(/\b2 UNKNOWN: /, "")
    .trim();
  return (
    explainConfig(session, message, source) ??
    explainModule(message, source) ??
    `${at(source)}${describe(error.name, message)}`
  );
}

/** A plain `Error` adds nothing by its name; a `TypeError` or `RangeError` does. */
const describe = (name: string, message: string): string =>
  ["", "Error", "RunError", "ResourceError", "TSError"].includes(name) || message.startsWith(name)
    ? message
    : `${name}: ${message}`;

function explainConfig(session: Session, message: string, source: SourcePosition | undefined): string | undefined {
  const { project } = session;
  const missing = /Missing required configuration variable '([^']+)'/.exec(message)?.[1];
  if (missing !== undefined) {
    return `${at(source)}the configuration value "${missing}" is required and ${project.stackFile} does not have it. Set it with "pulumi config set ${missing} <value> --stack ${project.stack}", or give --config ${missing}=<value>.`;
  }
  for (const [key, mark] of project.config.placeholders) {
    if (!message.includes(mark)) continue;
    const kind = /is not a valid ([^']+)$/.exec(message)?.[1] ?? "value of another form";
    return `${at(source)}the program reads "${key}" as a ${kind}, but ${project.stackFile} holds it encrypted, so a preview does not know it. Give --config ${key}=<value>.`;
  }
  return undefined;
}

function explainModule(message: string, source: SourcePosition | undefined): string | undefined {
  const name = /Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1];
  if (name === undefined) return undefined;
  if (/^[./]/.test(name))
    return `${at(source)}there is no file for the import "${name.startsWith("/") ? name.split("/").at(-1) : name}".`;
  return `${at(source)}the package "${name}" is not installed. Run "npm install" in the program's folder, or "npm install ${name}" if it is not in package.json yet.`;
}

/** Errors in the log, when the program's SDK gave no more than text. */
function logged(session: Session, { ended }: Remains): string[] {
  if (ended.code === 0) return [];
  return session.errors.map(({ message, urn }) => {
    const text = stripVTControlCharacters(message).replace(
      /^Running program '.*' failed with an unhandled exception:\s*/,
      "",
    );
    const lines = text.split("\n").filter((line) => !/^\s*at /.test(line));
    const source = fromStackText(text, session.roots) ?? session.resources.get(urn)?.source;
    const plain = lines.join("\n").trim();
    return explainConfig(session, plain, source) ?? explainModule(plain, source) ?? `${at(source)}${plain}`;
  });
}

function hung(session: Session, { timeoutSeconds }: Remains): string {
  const last = [...session.resources.values()].filter((resource) => resource.kind !== "provider").at(-1);
  const place = last?.source ? ` at ${showPosition(last.source)}` : "";
  const seen = last
    ? ` The last resource it declared was ${last.type} "${last.name}"${place}.`
    : " It declared nothing.";
  return `The program did not end within ${timeoutSeconds} s and was stopped.${seen} Something keeps it running: a timer, a server, an open connection or a loop. If it only needs longer, raise --timeout.`;
}

function explainExit(session: Session, remains: Remains): string {
  const { code } = remains.ended;
  const stderr = stripVTControlCharacters(remains.stderr.join("\n"));
  if (code === null) return "The program was ended by a signal from outside before it was done.";
  if (/heap out of memory/.test(stderr)) {
    return 'The program ran out of memory. Give it more with NODE_OPTIONS="--max-old-space-size=8192".';
  }
  const waiting = remains.reported.flatMap(({ pending }) => pending ?? []);
  if (/promises? (was|were) still active|registrations could complete/.test(stderr)) {
    const names = waiting.map(({ type, name, frames }) => {
      const position = fromTrace({ frames: (frames ?? []).map((pc) => ({ pc })) }, null, session.roots);
      return `${at(position)}${type} "${name}" was never registered`;
    });
    return [
      "The program ended while values were still waited for: an input that never resolves, a dependency cycle, or an early process.exit.",
      ...[...new Set(names)].sort(),
    ].join("\n");
  }
  const text = stderr.trim();
  return `The program ended itself with exit code ${code} before it was done.${text === "" ? ' Look for "process.exit".' : ` It said:\n${text}`}`;
}

/** `process.exit(0)` in the middle looks like success, but the stack never got its outputs. */
function leftEarly(session: Session): string[] {
  if (session.resources.get(stackUrn(session))?.outputs !== undefined) return [];
  return ['The program ended itself with exit code 0 before it was done. Look for "process.exit".'];
}
