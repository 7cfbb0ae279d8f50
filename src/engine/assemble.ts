import { assembleGraph } from "../graph/assemble.js";
import type { GraphRun, InvokeRecord, Notice, Properties, ResourceNode, Value } from "../graph/model.js";
import type { Recorded, Session } from "./session.js";
import { toGraphValue, toProperties, type ValueContext } from "./values.js";

/** Everything the program said, as the graph: sorted, secrets withheld. */
export function assemble(session: Session, redact: (text: string) => string): GraphRun {
  const secrets = new Map<string, unknown>();
  const context: ValueContext = {
    placeholders: session.project.config.placeholders,
    project: session.project.program,
    inputsOf: (urn) => session.resources.get(urn)?.inputs,
    secrets,
  };
  const { project } = session;
  const graph = assembleGraph({
    origin: "program",
    project: project.name,
    stack: project.stack,
    organization: project.organization,
    nodes: [...session.resources.values()].map((node) => toNode(node, context)),
    invokes: session.invokes.map(
      ({ args, ...rest }): InvokeRecord => ({
        ...rest,
        args: redactValue(toProperties(args, rest.token, {}, context), redact) as Properties,
      }),
    ),
    notices: [...session.notices, ...noticesOf(session)]
      .map((notice) => ({ ...notice, message: redact(notice.message) }))
      .filter((notice, index, all) => all.findIndex((other) => same(notice, other)) === index),
  });
  return { graph, secrets };
}

const same = (a: Notice, b: Notice): boolean => JSON.stringify(a) === JSON.stringify(b);

function toNode(node: Recorded, context: ValueContext): ResourceNode {
  const { urn } = node;
  const trigger = node.replacementTrigger;
  return {
    urn,
    type: node.type,
    name: node.name,
    kind: node.kind,
    ...(node.parent ? { parent: node.parent } : {}),
    ...(node.provider ? { provider: node.provider } : {}),
    inputs: toProperties(node.inputs, urn, node.propertyDependencies, context),
    ...(node.outputs ? { outputs: toProperties(node.outputs, `${urn}.outputs`, {}, context) } : {}),
    options: {
      ...node.options,
      ...(trigger === undefined
        ? {}
        : { replacementTrigger: toGraphValue(trigger, `${urn}.replacementTrigger`, node.dependencies, context) }),
    },
    dependencies: node.dependencies,
    propertyDependencies: node.propertyDependencies,
    ...(node.source ? { source: node.source } : {}),
    generated: node.generated,
    ...(node.opaque ? { opaque: true as const } : {}),
  };
}

function redactValue(value: Value, redact: (text: string) => string): Value {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((item: Value) => redactValue(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item as Value, redact)]));
}

function noticesOf(session: Session): Notice[] {
  const opaque = [...session.resources.values()]
    .filter((node) => node.opaque)
    .map(
      (node): Notice => ({
        severity: "info",
        code: "opaque",
        message: `${node.type} "${node.name}" is expanded by a plugin or chart program: what is inside is not shown, and its outputs are unknown.`,
        urn: node.urn,
        ...(node.source ? { source: node.source } : {}),
      }),
    );
  const { project } = session;
  const encrypted = [...project.config.placeholders.keys()].map(
    (key): Notice => ({
      severity: "info",
      code: "placeholder-config",
      message: `${key} is encrypted in ${project.stackFile}; the preview uses a placeholder. Give a value with --config ${key}=<value>.`,
    }),
  );
  const environments = project.environments.map(
    (name): Notice => ({
      severity: "warning",
      code: "environment",
      message: `${project.stackFile} imports the environment "${name}", which a preview without credentials cannot open. Give its values with --config.`,
    }),
  );
  const unused = session.answers.unused().map(
    (what): Notice => ({
      severity: "warning",
      code: "unused-answer",
      message: `plinth.invokes.json: nothing asked for ${what}.`,
    }),
  );
  const logged = session.errors.map(
    ({ message, urn }): Notice => ({
      severity: "error",
      code: "log",
      message: message.trim(),
      ...(urn ? { urn } : {}),
    }),
  );
  return [...opaque, ...encrypted, ...environments, ...unused, ...logged];
}
