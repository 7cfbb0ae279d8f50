import { z } from "zod";
import type { Rule } from "../rules/index.js";
import { paint, severityColor, type TextStyle, wrap } from "./text.js";

/** One parameter of a rule, as people set it in the policy file. */
export interface ParameterFacts {
  readonly name: string;
  readonly description: string;
  readonly default: unknown;
}

/** What `plinth rules --format json` says of a rule. */
export function ruleFacts(rule: Rule) {
  const { id, name, pack, severity, form, statement, why, source, semantics } = rule;
  return {
    id,
    name,
    pack,
    severity,
    form,
    statement,
    why,
    source,
    semantics,
    parameters: parametersOf(rule),
    fixable: rule.fix !== undefined,
    bad: rule.bad,
    good: rule.good,
  };
}

/** The parameters with their defaults, in the order of their names. */
export function parametersOf({ parameters }: Rule): ParameterFacts[] {
  const { properties = {} } = z.toJSONSchema(parameters, { io: "input", unrepresentable: "any" });
  return Object.entries(properties)
    .map(([name, property]) => {
      const { description = "", default: value } = typeof property === "object" ? property : {};
      return { name, description, default: value };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The catalogue, a line for each rule, under its pack. */
export function rulesText(rules: readonly Rule[], style: TextStyle): string {
  const packs = [...new Set(rules.map(({ pack }) => pack))];
  return packs
    .map((pack) => {
      const lines = rules
        .filter((rule) => rule.pack === pack)
        .flatMap(({ id, severity, statement }) => {
          const margin = `  ${id}  ${severity.padEnd(8)}  `;
          const [first = "", ...rest] = wrap(statement, margin, " ".repeat(margin.length));
          return [first.replace(severity, paint(style, severityColor[severity], severity)), ...rest];
        });
      return `${paint(style, "bold", pack)}\n${lines.join("\n")}\n`;
    })
    .join("\n");
}

/** Everything about one rule, for a terminal. */
export function ruleText(rule: Rule, style: TextStyle): string {
  const { id, name, pack, severity, statement, why, source, semantics, bad, good } = rule;
  const heading = (text: string) => paint(style, "bold", text);
  const block = (text: string) =>
    text
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`.trimEnd())
      .join("\n");
  const parameters = parametersOf(rule).flatMap(({ name: parameter, description, default: value }) =>
    wrap(`${parameter}: ${description.replace(/\.$/, "")}. Default: ${JSON.stringify(value)}`, "  ", "    "),
  );
  return `${[
    `${heading(`${id} ${name}`)}  (${pack}, ${severity}${rule.fix ? ", can be fixed" : ""})`,
    wrap(statement, "", "").join("\n"),
    `${heading("Why")}\n${[...wrap(why, "  ", "  "), ...(source === "" ? [] : [`  ${source}`])].join("\n")}`,
    `${heading("Exactly")}\n${wrap(semantics, "  ", "  ").join("\n")}`,
    ...(parameters.length > 0 ? [`${heading("Parameters")}\n${parameters.join("\n")}`] : []),
    ...(bad === "" ? [] : [`${heading("Breaks it")}\n${block(bad)}`]),
    ...(good === "" ? [] : [`${heading("Keeps it")}\n${block(good)}`]),
    `${heading("Waive it")}\n${block(waiverExample(rule))}`,
  ].join("\n\n")}\n`;
}

/** How a finding of the rule is accepted, as it stands in the policy file. */
export function waiverExample({ id }: Rule): string {
  return `# plinth.policy.yaml
waivers:
  - rule: ${id}
    resource: Deployment/my-namespace/my-name
    reason: why this is right here
    expires: 2027-06-30
`;
}
