import { execFile } from "node:child_process";
import { lstat, mkdir, readdir, readFile, realpath, stat, symlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../graph/model.js";

/** A worktree of another revision that needs packages. */
export interface PackagesWanted {
  /** The present checkout, whose packages are installed. */
  readonly root: string;
  readonly worktree: string;
  /** The folder of the program in both; "" for the root. */
  readonly folder: string;
  /** The revision, for messages. */
  readonly name: string;
  /** Run `npm ci` where what is installed does not fit. */
  readonly install: boolean;
  /** Gets a line for the user. */
  readonly tell: (line: string) => void;
}

const locks = ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"];

/**
 * Gives a worktree its packages: by links those of the present checkout where the revision asks for the same ones, else
 * with `npm ci`.
 *
 * @throws InputError when the revision asks for other packages and they are not to be installed, or npm fails.
 */
export async function providePackages(wanted: PackagesWanted): Promise<void> {
  const { name, install, tell } = wanted;
  const levels = await installedLevels(wanted);
  const others = (await Promise.all(levels.map((level) => otherPackages(wanted, level)))).flat();
  const unbuilt = (await Promise.all(levels.map((level) => unbuiltPackages(wanted, level)))).flat();
  if (install && (others.length > 0 || unbuilt.length > 0)) {
    tell(`installing the packages of ${name} ...`);
    return installPackages(wanted);
  }
  if (others.length > 0) {
    throw new InputError(
      `${name} asks for other packages than are installed here (${others[0]} differs). Give --install to run "npm ci" for it in a temporary checkout.`,
    );
  }
  for (const folder of unbuilt) {
    tell(
      `${name}: the package in ${folder || "."} is not built there; that of the present checkout is used. Give --install to build it.`,
    );
  }
  for (const level of levels) {
    await linkFolder(join(wanted.root, level, "node_modules"), join(wanted.worktree, level, "node_modules"), wanted);
  }
}

/** The folders from the root to the program's that have packages here and exist there. */
async function installedLevels({ root, worktree, folder }: PackagesWanted): Promise<string[]> {
  const found = await Promise.all(
    levelsOf(folder).map(async (level) => {
      const has = (await exists(join(root, level, "node_modules"))) && (await exists(join(worktree, level)));
      return has ? [level] : [];
    }),
  );
  return found.flat();
}

/** Runs `npm ci` in the folder of the lock file. Throws InputError with what npm said when it fails. */
async function installPackages({ worktree, folder, name }: PackagesWanted): Promise<void> {
  const found = await Promise.all(
    levelsOf(folder).map(async (level) => ((await exists(join(worktree, level, "package-lock.json"))) ? [level] : [])),
  );
  const level = found.flat().at(-1);
  if (level === undefined) return;
  try {
    await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], {
      cwd: join(worktree, level),
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    const said = (stderr || message).trimEnd().split("\n").slice(-10).join("\n");
    throw new InputError(`the packages of ${name} cannot be installed: npm ci said\n${said}`);
  }
}

/** The folder and those around it, from the root: `""`, `examples`, `examples/fraud-detection`. */
function levelsOf(folder: string): string[] {
  const parts = folder === "" ? [] : folder.split(sep);
  return ["", ...parts.map((_, index) => parts.slice(0, index + 1).join(sep))];
}

/** The files by which the revision asks for other packages. */
async function otherPackages({ root, worktree }: PackagesWanted, level: string): Promise<string[]> {
  const found = await Promise.all(
    [...locks, "package.json"].map(async (file) => {
      const [here, there] = await Promise.all([root, worktree].map((folder) => textOf(join(folder, level, file))));
      const isSame = file === "package.json" ? asked(here) === asked(there) : here === there;
      return isSame ? [] : [join(level, file)];
    }),
  );
  return found.flat();
}

/** What a package.json says of packages; its scripts and its version make no difference. */
function asked(text: string | undefined): string {
  const fields = [
    ...["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"],
    ...["overrides", "workspaces"],
  ];
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    const manifest = typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
    return JSON.stringify(fields.map((field) => manifest[field] ?? null));
  } catch {
    return text ?? "";
  }
}

async function linkFolder(from: string, to: string, wanted: PackagesWanted): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from)) {
    if (entry.startsWith(".")) continue;
    if (entry.startsWith("@")) await linkFolder(join(from, entry), join(to, entry), wanted);
    else await symlink(await targetOf(join(from, entry), wanted), join(to, entry));
  }
}

/** A package that is a folder of the repository itself is that of the revision, when it can be used as it is there. */
async function targetOf(entry: string, { root, worktree }: PackagesWanted): Promise<string> {
  const own = await ownFolder(entry, root);
  if (own === undefined) return realpath(entry);
  const [here, there] = [join(root, own), join(worktree, own)];
  return (await isUsable(there, here)) ? there : here;
}

/** Folders of packages of the repository itself that the revision has, but not built. */
async function unbuiltPackages({ root, worktree }: PackagesWanted, level: string): Promise<string[]> {
  const modules = join(root, level, "node_modules");
  const entries = await readdir(modules);
  const scoped = await Promise.all(
    entries.map(async (entry) =>
      entry.startsWith("@") ? (await readdir(join(modules, entry))).map((name) => join(entry, name)) : [entry],
    ),
  );
  const owns = await Promise.all(scoped.flat().map((entry) => ownFolder(join(modules, entry), root)));
  const judged = await Promise.all(
    owns.map(async (own) => (own === undefined || (await isUsable(join(worktree, own), join(root, own))) ? [] : [own])),
  );
  return judged.flat();
}

/** Where in the repository the package is, when it is a link into it. */
async function ownFolder(entry: string, root: string): Promise<string | undefined> {
  if (!(await lstat(entry)).isSymbolicLink()) return undefined;
  const inside = relative(root, await realpath(entry));
  return inside.startsWith("..") || inside.split(sep).includes("node_modules") ? undefined : inside;
}

/** Whether what the package is entered by is there; what is missing in the present checkout too is not missed. */
async function isUsable(there: string, here: string): Promise<boolean> {
  if (!(await exists(there))) return false;
  const text = await textOf(join(there, "package.json"));
  const main = /"main"\s*:\s*"([^"]+)"/.exec(text ?? "")?.[1] ?? "index.js";
  return (await exists(join(there, main))) || !(await exists(join(here, main)));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}
