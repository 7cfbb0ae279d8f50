import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { InputError } from "../graph/model.js";

/** A Pulumi project and one of its stacks, as the language host would see them. */
export interface Project {
  readonly name: string;
  /** The folder of Pulumi.yaml. */
  readonly root: string;
  /** The folder the program runs in, and what is run there: `main` of Pulumi.yaml. */
  readonly program: string;
  readonly entry: string;
  readonly stack: string;
  readonly stackFile: string;
  readonly organization: string;
  readonly typescript: boolean;
  readonly tsconfig?: string;
  readonly nodeArguments: readonly string[];
  readonly config: Config;
  /** Names of remote environments the stack imports; their values cannot be had offline. */
  readonly environments: readonly string[];
}

/** Keys are `namespace:key`. */
export interface Config {
  readonly values: ReadonlyMap<string, string>;
  readonly secrets: ReadonlySet<string>;
  /** Encrypted keys, whose value is a placeholder. */
  readonly placeholders: ReadonlyMap<string, string>;
}

export interface ProjectChoice {
  readonly directory: string;
  readonly stack?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly organization?: string;
}

const runtimeSchema = z.union([
  z.string(),
  z.object({
    name: z.string(),
    options: z
      .looseObject({
        typescript: z.boolean().optional(),
        tsconfig: z.string().optional(),
        nodeargs: z.string().optional(),
      })
      .nullish(),
  }),
]);
const projectSchema = z.looseObject({
  name: z.string().min(1),
  runtime: runtimeSchema,
  main: z.string().optional(),
  stackConfigDir: z.string().optional(),
  config: z.union([z.record(z.string(), z.unknown()), z.string()]).nullish(),
});
const stackSchema = z.looseObject({
  config: z.record(z.string(), z.unknown()).nullish(),
  environment: z.unknown().optional(),
});

const projectFiles = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];
const stackFilePattern = /^Pulumi\.(.+)\.(?:ya?ml|json)$/;

/** Reads Pulumi.yaml, chooses the stack and merges its configuration. Throws InputError. */
export function readProject(choice: ProjectChoice): Project {
  const root = resolve(choice.directory);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new InputError(
      `There is no folder "${choice.directory}". Give the folder of a Pulumi program (with Pulumi.yaml).`,
    );
  }
  const file = projectFiles.map((name) => join(root, name)).find((path) => existsSync(path));
  if (file === undefined) {
    throw new InputError(
      `"${choice.directory}" has no Pulumi.yaml. Give the folder of a Pulumi program, or create one with "pulumi new typescript".`,
    );
  }
  const project = parseFile(file, projectSchema);
  const runtime = typeof project.runtime === "string" ? { name: project.runtime } : project.runtime;
  if (runtime.name !== "nodejs") {
    throw new InputError(
      `${basename(file)}: the runtime is "${runtime.name}"; only programs for the runtime nodejs (TypeScript or JavaScript) can be previewed.`,
    );
  }
  const folder = resolve(root, project.stackConfigDir ?? (typeof project.config === "string" ? project.config : "."));
  const [first, ...others] = (choice.stack ?? "").split("/").reverse();
  const stack = first ? { name: first, file: stackFileOf(folder, first) } : chooseStack(folder, root);
  const settings = stack.file ? parseFile(stack.file, stackSchema) : {};
  const options = "options" in runtime ? runtime.options : undefined;
  return {
    name: project.name,
    root,
    ...findEntry(root, project.main, basename(file)),
    stack: stack.name,
    stackFile: relative(root, stack.file ?? join(folder, `Pulumi.${stack.name}.yaml`)),
    organization: choice.organization ?? others[others.length - 1] ?? "organization",
    typescript: options?.typescript ?? true,
    ...(options?.tsconfig ? { tsconfig: options.tsconfig } : {}),
    nodeArguments: splitArguments(options?.nodeargs ?? ""),
    config: mergeConfig(
      project.name,
      typeof project.config === "object" ? (project.config ?? {}) : {},
      settings.config ?? {},
      choice.config ?? {},
    ),
    environments: environmentNames(settings.environment),
  };
}

function findEntry(root: string, main: string | undefined, file: string): { program: string; entry: string } {
  if (main === undefined) return { program: root, entry: "." };
  const path = resolve(root, main);
  if (!existsSync(path))
    throw new InputError(`${file}: main is "${main}", which does not exist. Give a folder or a file of the program.`);
  return statSync(path).isDirectory()
    ? { program: path, entry: "." }
    : { program: dirname(path), entry: basename(path) };
}

function stackFileOf(folder: string, stack: string): string | undefined {
  return ["yaml", "yml", "json"]
    .map((ending) => join(folder, `Pulumi.${stack}.${ending}`))
    .find((path) => existsSync(path));
}

function chooseStack(folder: string, root: string): { name: string; file: string | undefined } {
  const names = existsSync(folder)
    ? readdirSync(folder)
        .flatMap((name) => stackFilePattern.exec(name)?.[1] ?? [])
        .sort()
    : [];
  const name = names.length === 1 ? names[0]! : names.length === 0 || names.includes("dev") ? "dev" : undefined;
  if (name === undefined) {
    const where = relative(root, folder) || "this project";
    throw new InputError(`The stack is not clear: ${where} has ${names.join(", ")}. Choose one with --stack.`);
  }
  return { name, file: stackFileOf(folder, name) };
}

/** Project defaults, then the stack's file, then `--config`; each key as `namespace:key`. */
export function mergeConfig(
  project: string,
  defaults: Readonly<Record<string, unknown>>,
  stack: Readonly<Record<string, unknown>>,
  overrides: Readonly<Record<string, string>>,
): Config {
  const values = new Map<string, string>();
  const secrets = new Set<string>();
  const placeholders = new Map<string, string>();
  const set = (key: string, value: unknown): void => {
    const full = key.includes(":") ? key : `${project}:${key}`;
    const { plain, encrypted } = decrypt(value, `[encrypted ${full}]`);
    secrets.delete(full);
    placeholders.delete(full);
    if (encrypted) {
      secrets.add(full);
      placeholders.set(full, `[encrypted ${full}]`);
    }
    values.set(full, typeof plain === "string" ? plain : JSON.stringify(plain));
  };
  for (const [key, value] of Object.entries(defaults)) {
    const declaration =
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? (value as Record<string, unknown>)
        : { value };
    const given = declaration.value ?? declaration.default;
    if (given !== undefined && given !== null) set(key, given);
    if (declaration.secret === true) secrets.add(key.includes(":") ? key : `${project}:${key}`);
  }
  const declaredSecret = new Set(secrets);
  for (const [key, value] of Object.entries(stack)) set(key, value);
  const encryptedKeys = new Set(secrets);
  for (const [key, value] of Object.entries(overrides)) set(key, value);
  // A value given in place of an encrypted one is as secret as that was.
  for (const key of [...declaredSecret, ...encryptedKeys]) if (values.has(key)) secrets.add(key);
  return { values, secrets, placeholders };
}

/** Replaces each `{ secure: … }` by the placeholder. */
function decrypt(value: unknown, placeholder: string): { plain: unknown; encrypted: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value ?? "", encrypted: false };
  if (!Array.isArray(value) && Object.keys(value).length === 1 && "secure" in value) {
    return { plain: placeholder, encrypted: true };
  }
  const entries = Object.entries(value).map(([key, item]) => [key, decrypt(item, placeholder)] as const);
  const plain = Array.isArray(value)
    ? entries.map(([, item]) => item.plain)
    : Object.fromEntries(entries.map(([key, item]) => [key, item.plain]));
  return { plain, encrypted: entries.some(([, item]) => item.encrypted) };
}

function environmentNames(environment: unknown): string[] {
  const list = Array.isArray(environment)
    ? environment
    : ((environment as { imports?: unknown[] } | null)?.imports ?? []);
  return list.flatMap((item) => (typeof item === "string" ? item : Object.keys((item as object | null) ?? {})));
}

const splitArguments = (text: string): string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");

/** Reads a YAML or JSON file; what does not parse or fit names the file and the position. */
export function parseFile<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  const name = basename(path);
  const lineCounter = new LineCounter();
  const document = parseDocument(readFileSync(path, "utf8"), { lineCounter, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const [error] = document.errors;
  if (error) throw new InputError(`${at(error.pos[0])}: ${error.message}`);
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const node = document.getIn(issue.path as (string | number)[], true) as
      | { range?: [number, number, number] }
      | undefined;
    const place = node?.range ? at(node.range[0]) : name;
    return `${place}: ${issue.path.join(".") || "the file"}: ${issue.message}`;
  });
  throw new InputError(lines.join("\n"));
}
