import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Document, isMap, isSeq, LineCounter, type Node, parse, parseAllDocuments, type Tags } from "yaml";
import { assembleGraph } from "../src/graph/assemble.js";
import { kubernetesType } from "../src/graph/kubernetes.js";
import type { Properties, ResourceGraph, ResourceNode, SourcePosition, Value } from "../src/graph/model.js";
import { joinPath } from "../src/graph/values.js";
import { kubernetesYaml } from "../src/graph/yaml.js";
import type { Environment } from "../src/rules/rule.js";

/** One labelled file of test/corpus: what the rules must say about it, and about nothing else. */
export interface CorpusCase {
  /** `gpu/toleration-exists-with-key`. */
  readonly name: string;
  readonly what: string;
  /** Packs (`GPU`) or ids of rules (`GPU001`) that are labelled. */
  readonly judged: readonly string[];
  /** `GPU002 violation Deployment/web spec.template.spec.tolerations[0]`, sorted. */
  readonly expected: readonly string[];
  readonly environment?: Environment;
  /** Parameters by the ids of rules. */
  readonly parameters: { readonly [rule: string]: unknown };
  readonly graph: ResourceGraph;
  readonly secrets: ReadonlyMap<string, unknown>;
}

const folder = fileURLToPath(new URL("./corpus", import.meta.url));

/** Every case, in the order of their names. */
export function corpusCases(): CorpusCase[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => readCase(file.slice(0, -".yaml".length), readFileSync(`${folder}/${file}`, "utf8")));
}

function readCase(name: string, text: string): CorpusCase {
  const headers = [...text.matchAll(/^# (what|judge|environment|config|expect): +(.*?) *$/gm)];
  const all = (key: string) => headers.filter(([, header]) => header === key).map(([, , value = ""]) => value);
  const [environment] = all("environment");
  const config = all("config").map((each) => parse(each) as { rules?: Record<string, unknown> });
  const { nodes, secrets } = nodesOf(`${name}.yaml`, text);
  return {
    name,
    what: all("what").join(" "),
    judged: all("judge").flatMap((each) => (each.split("(")[0] ?? "").split(/[\s,]+/).filter((word) => word !== "")),
    expected: all("expect")
      .filter((each) => each !== "none")
      .sort(),
    ...(environment !== undefined && { environment: environment as Environment }),
    parameters: Object.assign({}, ...config.map(({ rules }) => rules ?? {})) as CorpusCase["parameters"],
    graph: assembleGraph({ origin: "test", project: "corpus", stack: "test", nodes }),
    secrets,
  };
}

/** `!unknown` is a value that is known only after deployment, `!secret text` a secret, `!secret 1` one that is a number. */
const tags = (known: Tags): Tags => [
  ...kubernetesYaml.customTags(known),
  { tag: "!unknown", resolve: () => ({ $unknown: "" }) },
  { tag: "!secret", resolve: (text: string) => ({ $secret: /^\d+$/.test(text) ? Number(text) : text }) },
];

function nodesOf(file: string, text: string): { nodes: ResourceNode[]; secrets: Map<string, unknown> } {
  const secrets = new Map<string, unknown>();
  const lineCounter = new LineCounter();
  const options = { ...kubernetesYaml, customTags: tags, logLevel: "silent", lineCounter } as const;
  const nodes = [...parseAllDocuments(text, options)].flatMap((document) =>
    objectsOf(document).map((object) => {
      const { line } = lineCounter.linePos(object.range?.[0] ?? 0);
      return nodeOf(object.toJS(document) as Properties, { file, line }, secrets);
    }),
  );
  return { nodes, secrets };
}

/** The object of a document, or the items of a List. */
function objectsOf({ contents }: Document): Node[] {
  if (!isMap(contents)) return [];
  const items = contents.get("kind") === "List" ? contents.get("items") : undefined;
  return isSeq<Node>(items) ? items.items : [contents];
}

function nodeOf(object: Properties, source: SourcePosition, secrets: Map<string, unknown>): ResourceNode {
  const { apiVersion, kind, metadata, spec, options } = object as {
    apiVersion: string;
    kind: string;
    metadata: Properties;
    spec: Properties;
    options?: object;
  };
  const isCloud = apiVersion === "plinth.dev/test";
  const type = isCloud ? kind : kubernetesType(apiVersion, kind);
  const name = [metadata.namespace, metadata.name].filter((part) => typeof part === "string").join("/");
  const urn = `urn:pulumi:test::corpus::${type}::${name}`;
  return {
    urn,
    type,
    name,
    kind: "custom",
    inputs: placed(isCloud ? (spec ?? {}) : object, urn, "", secrets) as Properties,
    options: options ?? {},
    dependencies: [],
    propertyDependencies: {},
    source,
  };
}

/** Gives each unknown and secret its place. */
function placed(value: Value, urn: string, path: string, secrets: Map<string, unknown>): Value {
  if (Array.isArray(value)) return value.map((item, at) => placed(item, urn, `${path}[${at}]`, secrets));
  if (typeof value !== "object" || value === null) return value;
  const place = `${urn}.${path}`;
  if ("$unknown" in value) return { $unknown: place };
  if ("$secret" in value) {
    secrets.set(place, value.$secret);
    return { $secret: place };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, placed(item, urn, joinPath(path, key), secrets)]),
  );
}
