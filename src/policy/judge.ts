import { describePlace, displayName, nodesByUrn, resources, shortType } from "../graph/describe.js";
import { kubernetesObject } from "../graph/kubernetes.js";
import type { ResourceGraph, ResourceNode, SourcePosition } from "../graph/model.js";
import type { Environment, GraphOutcome, Outcome, Rule, Severity } from "../rules/rule.js";
import { graphView } from "../rules/view.js";
import { type CheckContext, checkObject, configCell, type Describe } from "./check.js";
import { type JudgedObject, judgedObject } from "./subjects.js";

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly verdict: "violation" | "undecided" | "waived";
  readonly resource: {
    readonly urn: string;
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  };
  /** Where in the resource's inputs. */
  readonly path: string;
  readonly message: string;
  readonly source?: SourcePosition;
  /** Of a waived finding. */
  readonly waiver?: { readonly reason: string; readonly expires: string };
}

/** What `plinth check --format json` prints. */
export interface Findings {
  readonly version: 1;
  /** In the order of the graph's resources, then of the rules. */
  readonly findings: readonly Finding[];
  readonly summary: {
    readonly verdicts: { readonly [verdict in Finding["verdict"]]: number };
    /** Of violations only. */
    readonly severities: { readonly [severity in Severity]: number };
    readonly resources: number;
    readonly rules: number;
  };
  /** Rules that could not be run, such as a user's own with a fault; absent when all were. */
  readonly errors?: readonly RuleError[];
}

export interface RuleError {
  readonly rule: string;
  readonly message: string;
}

export interface JudgeOptions {
  readonly rules: readonly Rule[];
  /** Parameters by the ids of rules; what is not given has its default. */
  readonly parameters?: { readonly [rule: string]: unknown };
  /** @default unknown: rules for production are silent */
  readonly environment?: Environment | undefined;
  /** Secrets by their places. They decide verdicts and never come into messages. @default a rule that needs one is undecided */
  readonly secrets?: ReadonlyMap<string, unknown>;
}

/** Judges every resource of the graph by these rules. Pure; a rule that throws is told in `errors`. */
export function judge(graph: ResourceGraph, given: JudgeOptions | readonly Rule[]): Findings {
  const options = isRules(given) ? { rules: given } : given;
  const order = new Map(graph.nodes.map((node, at) => [node.urn, at]));
  const { outcomes, errors } = outcomesOf(graph, options);
  const findings = outcomes
    .sort((a, b) => (order.get(a.node.urn) ?? 0) - (order.get(b.node.urn) ?? 0))
    .map(({ rule, node, ...outcome }) => finding(rule, node, outcome));
  return {
    version: 1,
    findings,
    summary: { ...countFindings(findings), resources: resources(graph).length, rules: options.rules.length },
    ...(errors.length > 0 && { errors }),
  };
}

/** How many findings there are of each verdict, and violations of each severity. */
export function countFindings(findings: readonly Finding[]): Pick<Findings["summary"], "verdicts" | "severities"> {
  const verdicts = { violation: 0, undecided: 0, waived: 0 };
  const severities = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const { verdict, severity } of findings) {
    verdicts[verdict] += 1;
    if (verdict === "violation") severities[severity] += 1;
  }
  return { verdicts, severities };
}

export interface RuleOutcome extends GraphOutcome {
  readonly rule: Rule;
}

/** What the rules say, rule by rule. */
export function outcomesOf(
  graph: ResourceGraph,
  options: JudgeOptions,
): { outcomes: RuleOutcome[]; errors: RuleError[] } {
  const { rules, parameters = {}, environment } = options;
  const view = graphView(graph, environment);
  const objects = judgedObjects(view.nodes, options);
  const describe = describer(graph);
  const outcomes: RuleOutcome[] = [];
  const errors: RuleError[] = [];
  for (const rule of rules) {
    try {
      const config = rule.parameters.parse(parameters[rule.id] ?? {});
      const found =
        rule.form === "graph"
          ? rule.check(view, config, { ...(environment && { environment }) })
          : checkObjects(rule, objects, {
              config: configCell(config),
              environment: environment ?? "unknown",
              describe,
            });
      outcomes.push(...found.map((outcome) => ({ ...outcome, rule })));
    } catch (error) {
      errors.push({ rule: rule.id, message: `rule ${rule.id} could not be run: ${firstLine(error)}` });
    }
  }
  return { outcomes, errors };
}

interface JudgedNode {
  readonly node: ResourceNode;
  readonly object: JudgedObject;
  readonly forMessages: JudgedObject;
}

function judgedObjects(nodes: readonly ResourceNode[], { secrets }: JudgeOptions): JudgedNode[] {
  return nodes.flatMap((node) => {
    const forMessages = node.kind === "custom" ? judgedObject(node) : undefined;
    if (!forMessages) return [];
    const object = secrets && secrets.size > 0 ? judgedObject(node, secrets) : undefined;
    return [{ node, object: object ?? forMessages, forMessages }];
  });
}

function checkObjects(
  rule: Extract<Rule, { form: "object" }>,
  objects: readonly JudgedNode[],
  context: Omit<CheckContext, "forMessages" | "describe"> & { readonly describe: (node: ResourceNode) => Describe },
): GraphOutcome[] {
  return objects.flatMap(({ node, object, forMessages }) =>
    checkObject(rule, object, { ...context, describe: context.describe(node), forMessages }).map((outcome) => ({
      ...outcome,
      node,
    })),
  );
}

/** Says what decides: a value of this resource itself, or what another makes. */
function describer(graph: ResourceGraph): (node: ResourceNode) => Describe {
  const byUrn = nodesByUrn(graph);
  return (node) => (place, isSecret) => {
    const why = isSecret ? "withheld" : "not known before deployment";
    return place.startsWith(`${node.urn}.`)
      ? `it is ${why}`
      : `it depends on ${describePlace(place, byUrn)}, which is ${why}`;
  };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

function isRules(given: JudgeOptions | readonly Rule[]): given is readonly Rule[] {
  return Array.isArray(given);
}

function finding(rule: Rule, node: ResourceNode, outcome: Outcome): Finding {
  const object = kubernetesObject(node);
  return {
    rule: rule.id,
    severity: rule.severity,
    verdict: outcome.verdict,
    resource: {
      urn: node.urn,
      kind: object?.kind ?? shortType(node),
      name: object?.name ?? displayName(node),
      ...(object?.namespace !== undefined && { namespace: object.namespace }),
    },
    path: outcome.path,
    message: outcome.message,
    ...(node.source && { source: node.source }),
  };
}
