import type { Findings } from "../../policy/judge.js";
import type { Rule } from "../../rules/index.js";
import type { TextStyle } from "../text.js";
import { githubAnnotations } from "./github.js";
import { junitReport } from "./junit.js";
import { findingsMarkdown } from "./markdown.js";
import type { ReportContext } from "./place.js";
import { sarifReport } from "./sarif.js";
import { findingsText } from "./text.js";

/** What a report is made of. */
export interface ReportParts {
  readonly findings: Findings;
  /** The rules that were asked. */
  readonly rules: readonly Rule[];
  readonly context: ReportContext;
  readonly style: TextStyle;
  /** Of plinth. */
  readonly version: string;
}

/** Findings in every format that `plinth check` writes. */
export const findingReports: { readonly [format: string]: (parts: ReportParts) => string } = {
  text: ({ findings, context, style }) => findingsText(findings, context, style),
  json: ({ findings }) => `${JSON.stringify(findings, null, 2)}\n`,
  sarif: ({ findings, rules, version, context }) => sarifReport(findings, rules, version, context),
  junit: ({ findings, rules }) => junitReport(findings, rules),
  markdown: ({ findings, context }) => findingsMarkdown(findings, context),
  github: ({ findings, context }) => githubAnnotations(findings, context),
};
