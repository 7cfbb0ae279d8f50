import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");

/** Which folders of src/ a folder may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  platform: ["core"],
  kubernetes: ["core", "platform"],
  constructs: ["core", "platform", "kubernetes"],
  aws: ["core", "platform", "kubernetes"],
  gcp: ["core", "platform", "kubernetes"],
  graph: [],
  engine: ["graph"],
  rules: ["graph", "core"],
  policy: ["graph", "rules", "core"],
  report: ["graph", "rules", "policy"],
  cli: ["graph", "engine", "rules", "policy", "report", "runtime"],
  runtime: [],
  testing: ["graph", "core", "engine"],
  "index.ts": ["core", "platform", "kubernetes", "constructs"],
};

/** Folders that may import a package; every other folder may not. */
const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  "@pulumi/aws": ["aws"],
  "@pulumi/gcp": ["gcp"],
  "@pulumi/policy": ["policy"],
  "@pulumi/kubernetes": ["platform", "kubernetes", "constructs", "aws", "gcp", "policy"],
  "@pulumi/pulumi": ["core", "platform", "kubernetes", "constructs", "aws", "gcp", "policy", "testing"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly target: string;
}

function filesUnder(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("fixtures"))
    .sort();
}

function importsOf(file: string): Import[] {
  const from = relative(source, file).split("/")[0]!;
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm)];
  return specifiers.map((match) => {
    const specifier = (match[1] ?? match[2])!;
    const target = specifier.startsWith(".") ? relative(source, join(file, "..", specifier)) : specifier;
    return { file: relative(root, file), from, target };
  });
}

const production = filesUnder(source, ".ts").filter((file) => !file.endsWith(".test.ts"));
const imports = production.flatMap(importsOf);

describe("the layout", () => {
  it("has a rule for every folder of src", () => {
    const folders = readdirSync(source).filter((name) => name !== "index.test.ts");
    expect(folders.filter((name) => MAY_IMPORT[name] === undefined)).toEqual([]);
  });

  it("finds imports to judge", () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it("has imports that run one way", () => {
    const wrong = imports
      .filter(({ target }) => !target.startsWith("@") && existsInSource(target))
      .filter(({ from, target }) => {
        const folder = target.split("/")[0]!;
        return folder !== from && !MAY_IMPORT[from]?.includes(folder);
      });
    expect(wrong).toEqual([]);
  });

  it("keeps each provider package to the folders that own it", () => {
    const wrong = imports.filter(({ from, target }) =>
      Object.entries(PACKAGE_OWNERS).some(
        ([name, owners]) => (target === name || target.startsWith(`${name}/`)) && !owners.includes(from),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it("loads no Pulumi SDK for rules, reports and the command line", () => {
    const files = new Map<string, Import[]>();
    for (const each of imports) files.set(each.file, [...(files.get(each.file) ?? []), each]);
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { target } of files.get(file) ?? []) visit(`src/${target.replace(/\.js$/, ".ts")}`);
    };
    for (const file of files.keys()) if (/^src\/(rules|report|cli|engine|graph)\//.test(file)) visit(file);
    const wrong = imports.filter(({ file, target }) => reached.has(file) && target.startsWith("@pulumi/"));
    expect(wrong).toEqual([]);
  });

  it("keeps one construct out of another construct's files", () => {
    const wrong = imports.filter(({ file, target }) => {
      const own = /^src\/constructs\/([^/]+)\//.exec(file)?.[1];
      const other = /^constructs\/([^/]+)\//.exec(target)?.[1];
      return own !== undefined && other !== undefined && own !== other;
    });
    expect(wrong).toEqual([]);
  });

  it("imports @pulumi/kubernetes, @pulumi/aws and @pulumi/gcp by single files", () => {
    const wrong = imports.filter(({ target }) => /^@pulumi\/(kubernetes|aws|gcp)$/.test(target));
    expect(wrong).toEqual([]);
  });
});

describe("the emitted types", () => {
  it("mention a cloud only behind the cloud's own export", () => {
    const dist = join(root, "dist");
    expect(existsSync(join(dist, "index.d.ts")), "dist is missing: run `npm run build`").toBe(true);
    const wrong = filesUnder(dist, ".d.ts")
      .map((file) => relative(dist, file))
      .filter((file) => !/^(aws|gcp)\//.test(file))
      .filter((file) =>
        /from "@pulumi\/(aws|gcp)|import\("@pulumi\/(aws|gcp)/.test(readFileSync(join(dist, file), "utf8")),
      );
    expect(wrong).toEqual([]);
  });
});

function existsInSource(target: string): boolean {
  return MAY_IMPORT[target.split("/")[0]!] !== undefined || target === "index.js";
}
