import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** A package of the program that says it belongs to a provider plugin. */
export interface RequiredPackage {
  readonly name: string;
  readonly version: string;
  readonly server: string;
}

/** What a package.json says about plugins, as far as the language host reads it. */
interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

/**
 * The `node_modules` of a program: its folder's, or that of the workspace above. Pulumi's own host knows workspaces by
 * their package.json; the nearest folder that has one installed is the same for those that hoist.
 */
export function nearestModules(folder: string): string {
  const own = join(folder, "node_modules");
  const above = dirname(folder);
  return existsSync(own) || above === folder ? own : nearestModules(above);
}

/**
 * The packages in a `node_modules` folder with `pulumi.resource: true` in their package.json, each once. The engine
 * takes from them the version of a default provider that no registration names.
 */
export function requiredPackages(modules: string): RequiredPackage[] {
  const found = packageFolders(modules).flatMap((each) => readRequirement(join(each, "package.json")));
  return [...new Map(found.map((each) => [`${each.name}@${each.version}`, each])).values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** Each folder once: a package that is linked into its own `node_modules` would have no end. */
function packageFolders(modules: string, seen = new Set<string>()): string[] {
  const own = namesIn(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@")
        ? namesIn(join(modules, name)).map((each) => join(modules, name, each))
        : [join(modules, name)],
    );
  return own.flatMap((folder) => {
    const inner = realFolder(join(folder, "node_modules"));
    if (inner === undefined || seen.has(inner)) return [folder];
    seen.add(inner);
    return [folder, ...packageFolders(inner, seen)];
  });
}

function realFolder(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readRequirement(file: string): RequiredPackage[] {
  const text = readText(file);
  // Nearly no package has the word, and parsing every file is most of the time that a preview waits for this.
  if (!text.includes('"pulumi"')) return [];
  const { name = "", version = "", pulumi } = JSON.parse(text) as Manifest;
  if (!pulumi?.resource) return [];
  const plugin = pulumi.name ?? name.replace(/^@pulumi\//, "").replace(/^@/, "");
  return [{ name: plugin, version: `v${(pulumi.version ?? version).replace(/^v/, "")}`, server: pulumi.server ?? "" }];
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
