import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { InputError, type SourcePosition } from "../../graph/model.js";
import { type PolicyFile, policySchema } from "./schema.js";

/** The name of the file, in the folder of the program or of the manifests. */
export const policyFileName = "plinth.policy.yaml";

/** A file that was read, and where each of its values stands, for messages about them. */
export interface ReadPolicy {
  readonly file: string;
  readonly policy: PolicyFile;
  readonly lineOf: (path: readonly PropertyKey[]) => SourcePosition;
}

/**
 * The policy file of a folder; `undefined` when it has none.
 * @param file a file that was asked for by name and must exist
 * @param shown that name as the user wrote it
 * @throws InputError with file and line for each fault.
 */
export async function readPolicyFile(folder: string, file?: string, shown = file): Promise<ReadPolicy | undefined> {
  const name = shown ?? policyFileName;
  const text = await readFile(file ?? join(folder, policyFileName), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (file === undefined && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw new InputError(`the policy file ${name} cannot be read (${error.code ?? error.message}).`);
  });
  return text === undefined ? undefined : parsePolicy(text, name);
}

/** @throws InputError with file and line for each fault. */
export function parsePolicy(text: string, file: string): ReadPolicy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  const lineOf = (path: readonly PropertyKey[]): SourcePosition => ({ file, line: lineAt(document, lines, path) });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new InputError(`${file}:${line}: ${broken.message.split("\n")[0]?.replace(/ at line .*$/, "")}.`);
  }
  const parsed = policySchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (parsed.success) return { file, policy: parsed.data, lineOf };
  throw new InputError(parsed.error.issues.flatMap((issue) => issueLines(issue, lineOf)).join("\n"));
}

/** The line of the value at a path, or of the nearest thing above it that is there. */
function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  const found = document.getIn(path as unknown[], true);
  if (isNode(found) && found.range) return lines.linePos(found.range[0]).line;
  return path.length === 0 ? 1 : lineAt(document, lines, path.slice(0, -1));
}

type LineOf = ReadPolicy["lineOf"];

function issueLines(issue: z.core.$ZodIssue, lineOf: LineOf): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => said(lineOf, [...issue.path, key], "there is no such field"));
  }
  return [said(lineOf, issue.path, /received undefined$/.test(issue.message) ? "is required" : issue.message)];
}

/** `plinth.policy.yaml:12: waivers[0].expires: must be a day such as "2027-01-31"`. */
export function said(lineOf: LineOf, path: readonly PropertyKey[], message: string): string {
  const { file, line } = lineOf(path);
  const field = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return `${file}:${line}: ${field === "" ? "the file" : field.replace(/^\./, "")}: ${message}.`;
}
