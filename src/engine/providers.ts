import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Which plugin a request needs. */
export interface PluginRequest {
  readonly pkg: string;
  readonly version: string;
  readonly url: string;
}

export const packageOf = (token: string): string => token.split(":")[0] ?? "";

/** `default`, then version and server, as the engine names default providers (pkg/resource/deploy/providers). */
export function defaultProviderName({ version, url }: PluginRequest): string {
  const numbers = version === "" ? "" : `_${version.replace(/[.\-+]/g, "_")}`;
  const server = url
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => segment.replace(/[^-_A-Za-z0-9.]/g, "_"))
    .join("/");
  return `default${numbers}${server === "" ? "" : `_${server}`}`;
}

/** Versions of Pulumi packages that the program has installed: what an unversioned request means. */
export function installedVersions(program: string): (pkg: string) => string {
  const require = createRequire(join(program, "index.js"));
  const known = new Map<string, string>();
  return (pkg) => {
    const found = known.get(pkg) ?? findVersion(require, pkg);
    known.set(pkg, found);
    return found;
  };
}

function findVersion(require: NodeJS.Require, pkg: string): string {
  for (const name of [`@pulumi/${pkg}`, `@pulumiverse/${pkg}`, `pulumi-${pkg}`]) {
    try {
      const file = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")) as {
        version?: string;
        pulumi?: { resource?: boolean; version?: string };
      };
      if (file.pulumi?.resource === true) return (file.pulumi.version ?? file.version ?? "").replace(/^v/, "");
    } catch {
      // Not installed under this name.
    }
  }
  return "";
}

/** A provider reference is `<urn>::<id>`. */
export const urnOfReference = (reference: string): string => reference.slice(0, reference.lastIndexOf("::"));
