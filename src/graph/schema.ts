/**
 * JSON Schema of ResourceGraph (draft 2020-12). `schema.json` beside this file is the same text for other tools; a
 * test keeps them equal, and holds both against the types of `model.ts`.
 */
const text = { type: "string" };
const texts = { type: "array", items: text };
const flag = { type: "boolean" };
const seconds = { type: "number", minimum: 0 };
const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
const listOf = (name: string) => ({ type: "array", items: ref(name) });

/** An object with exactly these fields; those named in `optional` may be absent. */
const record = (properties: Record<string, object>, optional: readonly string[] = []) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const nodeOptions = {
  protect: flag,
  retainOnDelete: flag,
  deleteBeforeReplace: flag,
  deletedWith: text,
  ignoreChanges: texts,
  replaceOnChanges: texts,
  hideDiffs: texts,
  additionalSecretOutputs: texts,
  aliases: listOf("value"),
  customTimeouts: record({ create: seconds, update: seconds, delete: seconds }, ["create", "update", "delete"]),
  importId: text,
  replaceWith: texts,
  replacementTrigger: ref("value"),
  hooks: ref("properties"),
  providers: { type: "object", additionalProperties: text },
};

export const graphSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Plinth resource graph",
  ...record(
    {
      version: { const: 1 },
      origin: { enum: ["program", "manifests", "pulumi", "test"] },
      project: text,
      stack: text,
      organization: text,
      complete: flag,
      nodes: listOf("node"),
      edges: listOf("edge"),
      invokes: listOf("invoke"),
      notices: listOf("notice"),
    },
    ["organization"],
  ),
  $defs: {
    value: {
      description:
        "Any JSON value. { $unknown } is known after deployment, { $secret } is withheld, { $resource } is a whole resource, { $asset } a file or archive.",
    },
    properties: { type: "object", additionalProperties: ref("value") },
    source: record({ file: text, line: { type: "integer", minimum: 1 }, column: { type: "integer", minimum: 1 } }, [
      "column",
    ]),
    options: record(nodeOptions, Object.keys(nodeOptions)),
    node: record(
      {
        urn: text,
        type: text,
        name: text,
        kind: { enum: ["stack", "component", "custom", "provider", "remote", "read"] },
        parent: text,
        provider: text,
        inputs: ref("properties"),
        outputs: ref("properties"),
        options: ref("options"),
        dependencies: texts,
        propertyDependencies: { type: "object", additionalProperties: texts },
        source: ref("source"),
        generated: texts,
        opaque: { const: true },
      },
      ["parent", "provider", "outputs", "source", "generated", "opaque"],
    ),
    edge: record({ from: text, to: text, kind: { enum: ["parent", "dependency", "provider"] } }),
    invoke: record(
      {
        token: text,
        answer: { enum: ["computed", "file", "unknown"] },
        args: ref("properties"),
        source: ref("source"),
      },
      ["source"],
    ),
    notice: record(
      {
        severity: { enum: ["info", "warning", "error"] },
        code: text,
        message: text,
        urn: text,
        source: ref("source"),
      },
      ["urn", "source"],
    ),
  },
};
