import type { ImageLock, LockEntry } from "../../core/image-lock.js";
import { entryOf, type References, type Wanted } from "./references.js";
import type { Resolved } from "./registry.js";

/** What a registry said, or why it said nothing. */
export type Answer = Resolved | { readonly failure: string };

/** By name. What was not asked about has none. */
export type Answers = ReadonlyMap<Wanted, Answer>;

/**
 * - `locked`: in the lock, and the same in the registry where it was asked;
 * - `added`, `updated`: written into the lock now;
 * - `missing`, `moved`: the check fails, since the lock has no digest, or another than the registry;
 * - `wrong-platform`: pods select nodes of an architecture that the image is not made for;
 * - `failed`: the registry did not say;
 * - `unlockable`: no name that a registry could be asked about;
 * - `unknown`: known only after deployment, or withheld;
 * - `unused`: in the lock, and not in this program.
 */
export type Status =
  | "locked"
  | "added"
  | "updated"
  | "missing"
  | "moved"
  | "wrong-platform"
  | "failed"
  | "unlockable"
  | "unknown"
  | "unused";

export interface LockLine {
  readonly status: Status;
  readonly kind?: "image" | "chart";
  readonly reference?: string;
  /** What the lock has from now on; when it moved, what the registry has. */
  readonly digest?: string;
  /** What the lock had before. */
  readonly previous?: string;
  readonly message?: string;
  readonly usedBy: readonly string[];
}

export interface Comparison {
  readonly lines: readonly LockLine[];
  /** What is to be written; with `check`, what there was. */
  readonly lock: ImageLock;
}

export interface CompareOptions {
  readonly check: boolean;
  /** Entries that this program does not use go. Not the default: another stack or folder may use them. */
  readonly prune: boolean;
}

/** Holds what a program names, what the lock has and what registries say against each other. Pure. */
export function compareLock(
  { wanted, unlockable }: References,
  lock: ImageLock,
  answers: Answers,
  options: CompareOptions,
): Comparison {
  const lines = wanted.flatMap((each) => linesOf(each, entryOf(each, lock), answers.get(each), options.check));
  const others = unlockable.map(
    ({ usedBy, reason, isUnknown }): LockLine => ({
      status: isUnknown ? "unknown" : "unlockable",
      message: reason,
      usedBy: [usedBy],
    }),
  );
  return {
    lines: [...lines, ...others, ...unusedLines(wanted, lock)],
    lock: options.check ? lock : nextLock(wanted, lock, answers, options.prune),
  };
}

function linesOf(wanted: Wanted, entry: LockEntry | undefined, answer: Answer | undefined, check: boolean): LockLine[] {
  const { reference, usedBy, target } = wanted;
  const line = { kind: target.kind, reference, usedBy };
  const previous = entry && { previous: entry.digest };
  if (answer === undefined) {
    return [entry ? { ...line, status: "locked", digest: entry.digest } : { ...line, status: "missing" }];
  }
  if ("failure" in answer) return [{ ...line, status: "failed", ...previous, message: answer.failure }];
  const { digest } = answer;
  const changed: Status = entry === undefined ? (check ? "missing" : "added") : check ? "moved" : "updated";
  const status = entry?.digest === digest ? "locked" : changed;
  return [
    { ...line, status, digest, ...(status !== "locked" && previous) },
    ...wrongPlatforms(wanted, answer).map(
      (message): LockLine => ({ ...line, status: "wrong-platform", digest, message }),
    ),
  ];
}

/** Linux, as the pods of this library and nearly all others. */
function wrongPlatforms({ architectures }: Wanted, { platforms }: Resolved): string[] {
  if (platforms === undefined) return [];
  return [...architectures]
    .filter(([architecture]) => !platforms.includes(`linux/${architecture}`))
    .map(
      ([architecture, usedBy]) =>
        `is there for ${platforms.join(", ") || "no platform"}, but ${usedBy} selects nodes with kubernetes.io/arch: ${architecture}`,
    );
}

function unusedLines(wanted: readonly Wanted[], lock: ImageLock): LockLine[] {
  return tables.flatMap(({ kind, table }) => {
    const used = namesOf(wanted, kind);
    const unused = Object.entries(lock[table]).filter(([reference]) => !used.has(reference));
    return unused.map(
      ([reference, { digest }]): LockLine => ({ status: "unused", kind, reference, digest, usedBy: [] }),
    );
  });
}

const tables = [
  { kind: "image", table: "images" },
  { kind: "chart", table: "charts" },
] as const;

function nextLock(wanted: readonly Wanted[], lock: ImageLock, answers: Answers, prune: boolean): ImageLock {
  const [images = {}, charts = {}] = tables.map(({ kind, table }) => {
    const used = namesOf(wanted, kind);
    const kept = Object.entries(lock[table]).filter(([reference]) => !prune || used.has(reference));
    const answered = wanted.flatMap((each): [string, LockEntry][] => {
      const answer = answers.get(each);
      if (each.target.kind !== kind || answer === undefined || "failure" in answer) return [];
      return [[each.reference, { digest: answer.digest, mediaType: answer.mediaType }]];
    });
    return Object.fromEntries([...kept, ...answered]);
  });
  return { version: 1, images, charts };
}

function namesOf(wanted: readonly Wanted[], kind: "image" | "chart"): Set<string> {
  return new Set(wanted.filter(({ target }) => target.kind === kind).map(({ reference }) => reference));
}
