import { clean } from "../../graph/describe.js";
import type { Comparison, LockLine, Status } from "./compare.js";

/** What `plinth lock` did or found. */
export interface LockReport extends Comparison {
  /** The lock file, as it is shown. */
  readonly file: string;
  readonly check: boolean;
  /** Whether unused entries were taken out. */
  readonly pruned: boolean;
  /** How many image names have a digest of their own. */
  readonly pinned: number;
}

/** `{ version, file, pinned, entries: [{ status, kind?, reference?, digest?, previous?, message?, usedBy }], summary }`, with counts by status. */
export function lockJson({ lines, file, pinned }: LockReport): string {
  return `${JSON.stringify({ version: 1, file, pinned, entries: lines, summary: countsOf(lines) }, undefined, 2)}\n`;
}

/** For people: what is so or was done on standard output, what was not possible on standard error. */
export function lockText(report: LockReport): { readonly stdout: string; readonly stderr: string } {
  const { lines, check } = report;
  const of = (...all: readonly Status[]) => lines.filter(({ status }) => all.includes(status));
  const changes = of("added", "updated").map(
    ({ status, reference, previous, digest }) =>
      `  ${status.padEnd(7)}  ${name(reference)}  ${previous === undefined ? "" : `${previous} -> `}${digest}\n`,
  );
  const missing = check ? of("missing", "moved").map((line) => `${difference(line, report.file)}${users(line)}\n`) : [];
  const problems = of("wrong-platform", "unlockable", ...(check ? [] : (["missing"] as const)), "failed");
  return {
    stdout: [...changes, ...missing, `${summary(report)}\n`].join(""),
    stderr: [
      ...problems.map((line) => `plinth: ${problem(line)}${users(line)}\n`),
      ...section("not known before deployment, so not locked", of("unknown").map(unknown)),
      ...section(
        unusedTitle(report),
        of("unused").map(({ reference }) => name(reference)),
      ),
    ].join(""),
  };
}

function summary({ lines, file, check, pinned }: LockReport): string {
  const counts = countsOf(lines);
  const own =
    pinned > 0 ? `; ${plural(pinned, "image name")} with a digest of ${pinned === 1 ? "its" : "their"} own` : "";
  if (check) {
    const wrong = (counts.missing ?? 0) + (counts.moved ?? 0);
    const advice = wrong > 0 ? `. Run plinth lock${counts.moved ? " --update" : ""} and commit ${file}` : "";
    return `${file}: ${counts.locked ?? 0} as locked, ${counts.missing ?? 0} missing, ${counts.moved ?? 0} moved${own}${advice}`;
  }
  return `${file}: ${counts.added ?? 0} added, ${counts.updated ?? 0} updated, ${counts.locked ?? 0} unchanged${own}`;
}

function difference({ status, reference, previous, digest }: LockLine, file: string): string {
  if (status === "moved") return `${name(reference)} moved from ${previous} to ${digest}`;
  return `${name(reference)} is not in ${file}${digest === undefined ? "" : `; it is ${digest} now`}`;
}

function problem({ status, reference, message }: LockLine): string {
  if (status === "failed") return `${name(reference)} could not be asked about: ${clean(message ?? "")}`;
  if (status === "wrong-platform") return `${name(reference)} ${clean(message ?? "")}`;
  return `not locked: ${clean(message ?? "")}`;
}

/** The message of a wrong platform names who selects it. */
function users({ status, usedBy }: LockLine): string {
  if (usedBy.length === 0 || status === "wrong-platform") return "";
  const shown = usedBy.slice(0, 3).map((each) => `\n    ${clean(each)}`);
  return `${shown.join("")}${usedBy.length > 3 ? `\n    and ${usedBy.length - 3} more` : ""}`;
}

function unknown({ usedBy, message = "" }: LockLine): string {
  return `${usedBy.join(", ")}: ${message}`;
}

function unusedTitle({ file, pruned, check }: LockReport): string {
  if (pruned) return `taken out of ${file}, as nothing here uses it`;
  return `in ${file}, and not used here${check ? "" : " (--prune takes it out, unless another stack needs it)"}`;
}

function section(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`plinth: ${title}:\n`, ...items.map((item) => `  ${clean(item)}\n`)];
}

function countsOf(lines: readonly LockLine[]): Partial<Record<Status, number>> {
  const counts: Partial<Record<Status, number>> = {};
  for (const { status } of lines) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

function name(reference: string | undefined): string {
  return clean(reference ?? "");
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
