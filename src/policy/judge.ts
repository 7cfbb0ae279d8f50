import { displayName, resources, shortType } from "../graph/describe.js";
import { kubernetesObject } from "../graph/kubernetes.js";
import type { ResourceGraph, ResourceNode, SourcePosition } from "../graph/model.js";
import type { Outcome, Rule, Severity } from "../rules/rule.js";

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
}

/** Judges every resource of the graph by these rules. Pure. */
export function judge(graph: ResourceGraph, rules: readonly Rule[]): Findings {
  const judged = resources(graph);
  const findings = judged.flatMap((node) =>
    rules.flatMap((rule) => outcomes(rule, node).map((outcome) => finding(rule, node, outcome))),
  );
  const violations = findings.filter((each) => each.verdict === "violation");
  const verdicts = (verdict: Finding["verdict"]) => findings.filter((each) => each.verdict === verdict).length;
  const severities = (severity: Severity) => violations.filter((each) => each.severity === severity).length;
  return {
    version: 1,
    findings,
    summary: {
      verdicts: { violation: violations.length, undecided: verdicts("undecided"), waived: verdicts("waived") },
      severities: {
        critical: severities("critical"),
        high: severities("high"),
        medium: severities("medium"),
        low: severities("low"),
      },
      resources: judged.length,
      rules: rules.length,
    },
  };
}

/** What one rule says about one resource; nothing when it does not read such resources. */
export function outcomes(rule: Rule, node: ResourceNode): readonly Outcome[] {
  const kind = node.kind === "custom" ? kubernetesObject(node)?.kind : undefined;
  return kind !== undefined && rule.kinds.includes(kind) ? rule.check(node) : [];
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
