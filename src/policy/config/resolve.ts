import { InputError } from "../../graph/model.js";
import type { Environment, Rule, Severity } from "../../rules/index.js";
import { type ReadPolicy, said } from "./read.js";
import type { Exemption, Strictness } from "./schema.js";

/** How strict a check is, and by which rules with which parameters: the policy file, applied to the catalogue. */
export interface Policy {
  readonly environment: Environment | undefined;
  readonly failOn: Severity;
  readonly undecided: "report" | "error";
  /** The rules that are on, with the severities of the file. */
  readonly rules: readonly Rule[];
  /** Parameters by rule, checked, with defaults. */
  readonly parameters: { readonly [rule: string]: Readonly<Record<string, unknown>> };
  readonly exempt: readonly Exemption[];
}

/** Without a file: every rule with its defaults, and violations of high severity fail. */
const defaults = { failOn: "high", undecided: "report" } as const;

/**
 * @param environment what the command line or the program says; the file's own word yields to it
 * @throws InputError with file and line when the file names a rule, pack or parameter that does not exist.
 */
export function resolvePolicy(
  catalogue: readonly Rule[],
  read: ReadPolicy | undefined,
  environment?: Environment,
): Policy {
  const file = read?.policy ?? {};
  const where = environment ?? file.environment;
  // Most special last: what an environment says goes over what the file says for all.
  const layers: Layer[] = [
    { path: [], settings: file },
    ...(where && file.environments?.[where]
      ? [{ path: ["environments", where], settings: file.environments[where] }]
      : []),
  ];
  const faults = read ? [...unknownNames(catalogue, read), ...exemptFaults(catalogue, read)] : [];
  const settled = catalogue.map((rule) => settle(rule, layers, read, faults));
  if (faults.length > 0) throw new InputError([...new Set(faults)].join("\n"));
  const on = settled.filter(({ isOn }) => isOn);
  const last = <K extends "failOn" | "undecided">(key: K) =>
    layers.reduce<Strictness[K]>((value, { settings }) => settings[key] ?? value, undefined);
  return {
    environment: where,
    failOn: last("failOn") ?? defaults.failOn,
    undecided: last("undecided") ?? defaults.undecided,
    rules: on.map(({ rule }) => rule),
    parameters: Object.fromEntries(on.map(({ rule, parameters }) => [rule.id, parameters])),
    exempt: file.exempt ?? [],
  };
}

interface Layer {
  readonly path: readonly string[];
  readonly settings: Strictness;
}

interface Settled {
  readonly rule: Rule;
  readonly isOn: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
}

function settle(rule: Rule, layers: readonly Layer[], read: ReadPolicy | undefined, faults: string[]): Settled {
  let isOn = true;
  let severity = rule.severity;
  const given: Record<string, unknown> = {};
  const from = new Map<string, readonly string[]>();
  for (const { path, settings } of layers) {
    const pack = settings.packs?.[rule.pack];
    if (pack !== undefined) isOn = pack === "on";
    const own = settings.rules?.[rule.id];
    if (own === undefined) continue;
    isOn = own !== "off";
    if (own === "off") continue;
    const { severity: changed, ...parameters } = own;
    severity = changed ?? severity;
    Object.assign(given, parameters);
    for (const key of Object.keys(parameters)) from.set(key, [...path, "rules", rule.id]);
  }
  const parsed = rule.parameters.safeParse(given);
  if (!parsed.success && read) {
    for (const issue of parsed.error.issues) {
      const keys = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [key]) : [issue.path];
      for (const key of keys) {
        const above = from.get(String(key[0])) ?? ["rules", rule.id];
        faults.push(said(read.lineOf, [...above, ...key], parameterFault(rule, issue)));
      }
    }
  }
  return {
    rule: severity === rule.severity ? rule : { ...rule, severity },
    isOn,
    parameters: parsed.success ? parsed.data : {},
  };
}

function parameterFault(rule: Rule, issue: { readonly code?: string; readonly message: string }): string {
  if (issue.code !== "unrecognized_keys") return issue.message;
  const names = Object.keys(rule.parameters.shape);
  return names.length === 0
    ? `${rule.id} has no parameters besides severity`
    : `${rule.id} has no such parameter; it has severity, ${names.join(", ")}`;
}

function unknownNames(catalogue: readonly Rule[], { policy, lineOf }: ReadPolicy): string[] {
  const ids = catalogue.map(({ id }) => id);
  const packs = [...new Set(catalogue.map(({ pack }) => pack as string))];
  const places = [
    { path: [] as string[], settings: policy as Strictness },
    ...Object.entries(policy.environments ?? {}).map(([name, settings]) => ({
      path: ["environments", name],
      settings: settings ?? {},
    })),
  ];
  return [
    ...places.flatMap(({ path, settings }) => [
      ...named(settings.rules, ids).map((id) => said(lineOf, [...path, "rules", id], unknownRule(id))),
      ...named(settings.packs, packs).map((pack) =>
        said(lineOf, [...path, "packs", pack], `there is no such pack; the packs are ${packs.join(", ")}`),
      ),
    ]),
    ...(policy.waivers ?? []).flatMap(({ rule }, index) =>
      ids.includes(rule) ? [] : [said(lineOf, ["waivers", index, "rule"], unknownRule(rule))],
    ),
  ];
}

function exemptFaults(catalogue: readonly Rule[], { policy, lineOf }: ReadPolicy): string[] {
  const ids = catalogue.map(({ id }) => id);
  return (policy.exempt ?? []).flatMap(({ namespace, kind, name, rules = [] }, index) => [
    ...rules.flatMap((id, at) =>
      ids.includes(id) ? [] : [said(lineOf, ["exempt", index, "rules", at], unknownRule(id))],
    ),
    ...(namespace === undefined && kind === undefined && name === undefined
      ? [said(lineOf, ["exempt", index], "names no namespace, kind or name and would exempt everything")]
      : []),
  ]);
}

const named = (table: object | undefined, known: readonly string[]): string[] =>
  Object.keys(table ?? {}).filter((name) => !known.includes(name));

const unknownRule = (id: string): string => `there is no rule ${id}; "plinth rules" lists them`;
