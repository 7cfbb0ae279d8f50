import { readFile } from "node:fs/promises";
import { InputError } from "../../graph/model.js";
import type { Finding } from "../../policy/judge.js";
import { fingerprint } from "./fingerprint.js";

/**
 * Tells findings that an earlier check had already, by their fingerprints.
 * @param shown the file as the user named it
 * @throws InputError when the file is not what `plinth check --format json` writes.
 */
export async function readBaseline(file: string, shown: string): Promise<(finding: Finding) => boolean> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`the baseline ${shown} cannot be read (${error.code ?? error.message}).`);
  });
  const known = new Set(findingsIn(text, shown).map(fingerprint));
  return (finding) => known.has(fingerprint(finding));
}

function findingsIn(text: string, shown: string): Finding[] {
  const parsed = parse(text);
  const findings = typeof parsed === "object" && parsed !== null && "findings" in parsed ? parsed.findings : undefined;
  const isFinding = (each: unknown): each is Finding =>
    typeof each === "object" && each !== null && "rule" in each && "resource" in each && "path" in each;
  if (Array.isArray(findings) && findings.every(isFinding)) return findings;
  throw new InputError(`the baseline ${shown} is not the output of "plinth check --format json".`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
