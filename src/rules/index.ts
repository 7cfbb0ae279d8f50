import { digestPinned } from "./images.js";
import type { Rule } from "./rule.js";

export type { Outcome, Rule, Severity } from "./rule.js";

/** The rule catalogue, in the order of ids. */
export const rules: readonly Rule[] = [digestPinned];
