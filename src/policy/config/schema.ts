import { z } from "zod";

export const severities = ["critical", "high", "medium", "low"] as const;
export const environments = ["production", "staging", "development"] as const;

/** A day, written as people write it; a waiver counts to its end, in UTC. */
const day = z.iso.date({ error: 'must be a day such as "2027-01-31"' });
const text = z.string().trim().min(1, { error: "must not be empty" });

/**
 * One exception with its reason and its end. `resource` is `Kind/name`, `Kind/namespace/name` or a URN; `*` stands for any
 * characters.
 */
export const waiverSchema = z.strictObject({
  rule: text.describe("the id of the rule that is waived"),
  resource: text.describe("Kind/name, Kind/namespace/name or a URN; * stands for any characters"),
  path: text.optional().describe("only findings at this place or below it"),
  environment: z
    .enum(environments)
    .optional()
    .describe("only there; elsewhere the waiver is as if it were not written"),
  reason: text.describe("why this is right nevertheless"),
  expires: day.describe("the last day on which the waiver counts, such as 2027-01-31"),
});

const exemptionSchema = z.strictObject({
  namespace: text.optional().describe("objects in this namespace; * stands for any characters"),
  kind: text.optional().describe("objects or resources of this kind"),
  name: text.optional().describe("objects or resources of this name; * stands for any characters"),
  rules: z.array(text).min(1).optional().describe("only these rules. Default: all"),
  reason: text.describe("why they are not judged"),
});

/** A rule of the team's own, in CEL; the same fields as the rules of the catalogue. */
const ownRuleSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{1,15}$/, { error: 'must be capitals and digits, such as "ACME001"' })
    .describe("the id of the rule, such as ACME001"),
  severity: z.enum(severities).default("medium"),
  statement: text.describe("what must hold, in one line"),
  why: text.optional().describe("what goes wrong otherwise"),
  source: z.url().optional().describe("where the reason can be read"),
  each: z.enum(["object", "pod", "container", "image"]).default("object").describe("what is judged one by one"),
  kinds: z.array(text).optional().describe("kinds of objects that are judged. Default: all that have such subjects"),
  within: z
    .union([z.strictObject({ list: text }), z.strictObject({ keys: text })])
    .optional()
    .describe("one level down: entries of a list (item) or keys of a map (key)"),
  when: text.optional().describe("CEL: the subjects that the rule is about. Default: all"),
  expression: text.describe("CEL: must be true"),
  path: z.string().default("").describe("where below the subject the finding points"),
  message: text.optional().describe("CEL text: what was found. Default: the statement"),
});

const ruleSettings = z.union([z.literal("off"), z.looseObject({ severity: z.enum(severities).optional() })], {
  error: 'must be "off" or a map of parameters',
});

const settings = {
  failOn: z.enum(severities).describe("the lowest severity of a violation that fails a check"),
  undecided: z.enum(["report", "error"]).describe("whether what cannot be decided before deployment fails a check"),
  packs: z.record(z.string(), z.enum(["on", "off"])).describe("packs that are switched off or on as a whole"),
  rules: z.record(z.string(), ruleSettings).describe('by rule: "off", or its severity and parameters'),
};

const strictness = z.strictObject({
  failOn: settings.failOn.optional(),
  undecided: settings.undecided.optional(),
  packs: settings.packs.optional(),
  rules: settings.rules.optional(),
});

/** `plinth.policy.yaml`. Everything may be left out. */
export const policySchema = z.strictObject({
  environment: z
    .enum(environments)
    .optional()
    .describe("where the program runs; rules for production are silent when nothing says so"),
  ...strictness.shape,
  environments: z
    .strictObject({
      production: strictness.optional(),
      staging: strictness.optional(),
      development: strictness.optional(),
    })
    .optional()
    .describe("settings of one environment, over the others"),
  exempt: z.array(exemptionSchema).optional().describe("what is not judged, with the reason"),
  waivers: z.array(waiverSchema).optional().describe("findings that are accepted, with reason and expiry"),
  own: z.array(ownRuleSchema).optional().describe("rules of your own, in CEL"),
  modules: z
    .array(text)
    .optional()
    .describe("JavaScript modules, relative to this file, that export `rules`, an array of rules"),
});

export type PolicyFile = z.output<typeof policySchema>;
export type Strictness = z.output<typeof strictness>;
export type OwnRule = z.output<typeof ownRuleSchema>;
export type Exemption = z.output<typeof exemptionSchema>;
