import { execFile, execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, readdir, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../graph/model.js";
import { type PackagesWanted, providePackages } from "./packages.js";

/** A commit, and the folder to read in it. */
export interface Revision {
  /** As the user wrote it. */
  readonly name: string;
  readonly commit: string;
  /** Of the repository in the present checkout. */
  readonly root: string;
  /** In the repository; "" for its root. */
  readonly folder: string;
}

/** A revision as files. */
export interface Checkout {
  /** The folder of the revision; it may not exist, when the revision has no such folder. */
  readonly path: string;
  /** Where the revision is checked out; undefined when the present checkout is that revision already. */
  readonly worktree?: string;
}

/** What is to be done for the packages of a worktree. */
export type Packages = Pick<PackagesWanted, "install" | "tell">;

/** Commit of a revision in the repository that the folder is in; undefined when it has none, or there is no repository. */
export async function findRevision(name: string, folder: string): Promise<string | undefined> {
  const found = await git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
  return found.status === 0 ? found.output : undefined;
}

/**
 * The folder in a commit of the repository that it is in. It need not be there now.
 *
 * @throws InputError when the repository has no working tree.
 */
export async function revisionAt(name: string, commit: string, folder: string): Promise<Revision> {
  const top = await git(folder, "rev-parse", "--show-toplevel");
  if (top.status !== 0) throw new InputError(`${name} is in a git repository without a working tree.`);
  const root = await realpath(top.output);
  const there = await nearest(folder);
  return { name, commit, root, folder: relative(root, join(await realpath(there), relative(there, folder))) };
}

/**
 * Runs the work with the revisions as files, in the order given: in temporary worktrees of git, which are gone afterwards,
 * whatever happens.
 */
export async function withCheckouts<T>(
  revisions: readonly (Revision | undefined)[],
  packages: Packages,
  work: (checkouts: readonly (Checkout | undefined)[]) => Promise<T>,
): Promise<T> {
  const [root] = revisions.flatMap((revision) => revision?.root ?? []);
  if (root === undefined) return work(revisions.map(() => undefined));
  const temporary = await realpath(await mkdtemp(join(tmpdir(), "plinth-diff-")));
  const unwatch = cleanOnSignal(root, temporary);
  try {
    const checkouts: (Checkout | undefined)[] = [];
    for (const [index, revision] of revisions.entries()) {
      // One folder for each, named as the repository is: manifests are named after the folder they are in.
      const worktree = join(temporary, String(index), basename(root));
      checkouts.push(revision && (await checkOut(revision, worktree, packages)));
    }
    return await work(checkouts);
  } finally {
    unwatch();
    await rm(temporary, { recursive: true, force: true });
    await git(root, "worktree", "prune");
  }
}

async function checkOut(revision: Revision, worktree: string, packages: Packages): Promise<Checkout> {
  const { root, folder, commit, name } = revision;
  if (await isCheckedOut(revision)) return { path: join(root, folder) };
  // Hooks of the repository are for people who check out, not for a look at a commit.
  const made = await git(root, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", worktree, commit);
  if (made.status !== 0) throw new InputError(`${name} cannot be checked out: ${made.output}`);
  const path = join(worktree, folder);
  // Manifests need no packages.
  if (await isProgram(path)) await providePackages({ ...packages, root, worktree, folder, name });
  return { path, worktree };
}

async function isProgram(path: string): Promise<boolean> {
  const entries = await readdir(path).catch(() => []);
  return entries.some((name) => /^Pulumi\.ya?ml$/.test(name));
}

/** Whether the files of the present checkout are those of the revision. What git does not know does not count. */
async function isCheckedOut({ root, commit }: Revision): Promise<boolean> {
  if ((await findRevision("HEAD", root)) !== commit) return false;
  const status = await git(root, "status", "--porcelain", "--untracked-files=no");
  return status.status === 0 && status.output === "";
}

/** A process that is ended runs no `finally`. */
function cleanOnSignal(root: string, temporary: string): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const clean = (signal: NodeJS.Signals) => {
    unwatch();
    rmSync(temporary, { recursive: true, force: true });
    execFileSync("git", ["worktree", "prune"], { cwd: root, env: gitEnvironment() });
    process.kill(process.pid, signal);
  };
  const unwatch = () => {
    for (const signal of signals) process.removeListener(signal, clean);
  };
  for (const signal of signals) process.once(signal, clean);
  return unwatch;
}

/** Output without the last newline: of stdout when it went well, else of stderr. */
async function git(cwd: string, ...args: readonly string[]): Promise<{ status: number; output: string }> {
  const there = await nearest(cwd);
  const folder = (await stat(there)).isDirectory() ? there : dirname(there);
  try {
    const { stdout } = await promisify(execFile)("git", args, { cwd: folder, env: gitEnvironment() });
    return { status: 0, output: stdout.trimEnd() };
  } catch (error) {
    const { code, stderr = "" } = error as { code?: string | number; stderr?: string };
    if (code === "ENOENT") throw new InputError("comparing revisions needs git, which is not on the PATH.");
    return { status: typeof code === "number" ? code : 1, output: stderr.trimEnd() };
  }
}

/** Inside a hook git tells its children which repository they are in; here the folder does. */
function gitEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR)$/.test(name)),
  );
}

/** What of the path is there: a folder that only another revision has is in a repository all the same. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found || path === dirname(path) ? path : nearest(dirname(path));
}
