import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import { assembleGraph, compareText } from "./assemble.js";
import { kubernetesType } from "./kubernetes.js";
import { type GraphRun, InputError, type Notice, type ResourceNode, type SourcePosition, type Value } from "./model.js";
import { isPlainObject, joinPath } from "./values.js";
import { parseYaml } from "./yaml.js";

export interface ManifestOptions {
  /** Files, folders (read with their sub-folders) or "-" for standard input. */
  readonly paths: readonly string[];
  /** What "-" holds. */
  readonly stdin?: string;
  /** Relative paths start here. @default the current folder */
  readonly directory?: string;
}

/** The objects that could be read, and the faults of the files that could not; the faults are also notices of the graph. */
export interface ManifestRun extends GraphRun {
  readonly faults: readonly Notice[];
}

interface ManifestText {
  readonly file: string;
  /** Undefined when it is not UTF-8. */
  readonly text: string | undefined;
}

/**
 * Reads plain Kubernetes manifests: YAML with any number of documents, JSON, `List` objects. A file that does not
 * parse is a fault and the others are still read. Throws InputError when a path does not exist or nothing is there
 * to read.
 */
export async function readManifests(options: ManifestOptions): Promise<ManifestRun> {
  const directory = options.directory ?? process.cwd();
  const paths = options.paths.map((path) => (path === "-" ? path : resolve(directory, path)));
  const root = await rootOf(paths, directory);
  const texts = (await Promise.all(paths.map((path) => textsOf(path, root, options.stdin ?? "")))).flat();
  if (texts.length === 0) {
    throw new InputError(
      `${options.paths.join(", ")}: no .yaml, .yml or .json file here. Give a folder with Kubernetes manifests or with a Pulumi.yaml.`,
    );
  }
  const run = manifestGraph(
    uniqueBy(texts, (text) => text.file).sort((a, b) => compareText(a.file, b.file)),
    basename(root),
  );
  if (run.graph.nodes.length === 0 && run.faults.length === 0) {
    throw new InputError(
      `${options.paths.join(", ")}: no Kubernetes object in ${texts.length} ${texts.length === 1 ? "file" : "files"}. An object has apiVersion, kind and metadata.name.`,
    );
  }
  return run;
}

/** The graph of these texts; pure. Of two declarations of one object the later one counts, as with `kubectl apply`. */
export function manifestGraph(texts: readonly ManifestText[], project: string): ManifestRun {
  const found = texts.map((text) => objectsOf(text, project));
  const nodes = new Map<string, ResourceNode>();
  const duplicates: Notice[] = [];
  for (const node of found.flatMap((file) => file.nodes)) {
    const earlier = nodes.get(node.urn);
    if (earlier) duplicates.push(duplicate(earlier, node));
    nodes.set(node.urn, node);
  }
  const faults = found.flatMap((file) => file.faults);
  const secrets = new Map<string, unknown>();
  const graph = assembleGraph({
    origin: "manifests",
    project,
    stack: "manifests",
    complete: faults.length === 0,
    nodes: [...nodes.values()].map((node) => withhold(node, secrets)),
    notices: [...faults, ...duplicates, ...skipped(found.flatMap((file) => file.skipped))],
  });
  return { graph, secrets, faults };
}

interface FileObjects {
  readonly nodes: readonly ResourceNode[];
  readonly faults: readonly Notice[];
  readonly skipped: readonly SourcePosition[];
}

function objectsOf({ file, text }: ManifestText, project: string): FileObjects {
  if (text === undefined) {
    return { nodes: [], skipped: [], faults: [fault({ file, line: 1, column: 1 }, "it is not UTF-8 text")] };
  }
  const parsed = parseYaml(text);
  const nodes: ResourceNode[] = [];
  const faults = parsed.faults.map(({ message, line, column }) => fault({ file, line, column }, message));
  const skipped: SourcePosition[] = [];
  for (const { value, line, column } of parsed.documents) {
    const source = { file, line, column };
    if (!isObject(value)) skipped.push(source);
    else if (isString(value.apiVersion) && isString(value.kind)) {
      const name = objectName(value);
      if (name !== undefined) nodes.push(nodeOf(value, value.apiVersion, value.kind, name, project, source));
      else if (value.apiVersion.startsWith("kustomize.config.k8s.io/")) skipped.push(source);
      else faults.push(fault(source, `this ${value.kind} has no metadata.name`));
    } else if (isString(value.apiVersion) !== isString(value.kind) && isObject(value.metadata)) {
      faults.push(fault(source, `this object has no ${isString(value.kind) ? "apiVersion" : "kind"}`));
    } else skipped.push(source);
  }
  return { nodes, faults, skipped };
}

function objectName({ metadata }: Record<string, unknown>): string | undefined {
  if (!isObject(metadata)) return undefined;
  const { name, generateName, namespace } = metadata;
  const own = isString(name) ? name : isString(generateName) ? `${generateName}*` : undefined;
  return own !== undefined && isString(namespace) ? `${namespace}/${own}` : own;
}

function nodeOf(
  object: Record<string, unknown>,
  apiVersion: string,
  kind: string,
  name: string,
  project: string,
  source: SourcePosition,
): ResourceNode {
  const type = kubernetesType(apiVersion, kind);
  return {
    urn: `urn:pulumi:manifests::${project}::${type}::${name}`,
    type,
    name,
    kind: "custom",
    inputs: object as ResourceNode["inputs"],
    options: {},
    dependencies: [],
    propertyDependencies: {},
    source,
  };
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** Moves the values of a Secret out of the graph, and kubectl's copy of them in its annotation. */
function withhold(node: ResourceNode, secrets: Map<string, unknown>): ResourceNode {
  if (node.type !== "kubernetes:core/v1:Secret") return node;
  const hide = (path: string, value: Value): Value => {
    secrets.set(`${node.urn}.${path}`, value);
    return { $secret: `${node.urn}.${path}` };
  };
  const hideFields = (path: string, value: Value, isHidden: (key: string) => boolean): Value =>
    isPlainObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, isHidden(key) ? hide(joinPath(path, key), item) : item]),
        )
      : hide(path, value);
  const { metadata } = node.inputs;
  const values = Object.entries(node.inputs).filter(([key]) => key === "data" || key === "stringData");
  return {
    ...node,
    inputs: {
      ...node.inputs,
      ...Object.fromEntries(values.map(([key, value]) => [key, hideFields(key, value, () => true)])),
      ...(isPlainObject(metadata) &&
        isPlainObject(metadata.annotations) && {
          metadata: {
            ...metadata,
            annotations: hideFields("metadata.annotations", metadata.annotations, (key) => key === lastApplied),
          },
        }),
    },
  };
}

function duplicate(earlier: ResourceNode, later: ResourceNode): Notice {
  const first = `${earlier.source?.file}:${earlier.source?.line}`;
  return {
    severity: "warning",
    code: "duplicate",
    message: `${later.type.split(":")[2]} ${later.name} is declared twice; the one at ${first} is replaced by this one, as kubectl apply would do`,
    urn: later.urn,
    ...(later.source && { source: later.source }),
  };
}

function skipped(places: readonly SourcePosition[]): Notice[] {
  const files = [...new Set(places.map((place) => place.file))];
  if (files.length === 0) return [];
  const named = files.slice(0, 5).join(", ");
  const more = files.length > 5 ? ` and ${files.length - 5} more` : "";
  return [{ severity: "info", code: "not-kubernetes", message: `left out, not Kubernetes objects: ${named}${more}` }];
}

function fault(source: SourcePosition, message: string): Notice {
  return { severity: "error", code: "unreadable", message, source };
}

/** Where the paths in the graph start: the folder that was given, else the folder of the file. */
async function rootOf(paths: readonly string[], directory: string): Promise<string> {
  const [only] = paths;
  if (paths.length !== 1 || only === undefined || only === "-") return directory;
  return (await kindOf(only)) === "folder" ? only : dirname(only);
}

async function textsOf(path: string, root: string, stdin: string): Promise<ManifestText[]> {
  if (path === "-") return stdin.trim() === "" ? [] : [{ file: "<stdin>", text: stdin }];
  const files = (await kindOf(path)) === "folder" ? await manifestsIn(path) : [path];
  return Promise.all(
    files.map(async (file) => ({
      file: relative(root, file).split(sep).join("/"),
      text: decode(await readFile(file)),
    })),
  );
}

async function kindOf(path: string): Promise<"file" | "folder"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    throw new InputError(`${path}: ${missing ? "there is no such file or folder" : "it cannot be read"}.`);
  }
}

/** Links to folders are not followed (they can form circles), hidden ones and node_modules hold no manifests. */
/** Files of plinth's own that may lie beside manifests and are none. */
const ownFiles = ["plinth.policy.yaml", "plinth.lock.json", "plinth.invokes.json"];

async function manifestsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith(".") && name !== "node_modules" && !ownFiles.includes(name))
      .map(async (entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return manifestsIn(path);
        const isManifest = [".yaml", ".yml", ".json"].includes(extname(entry.name).toLowerCase());
        const isFile = entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isFile());
        return isManifest && isFile ? [path] : [];
      }),
  );
  return found.flat();
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
