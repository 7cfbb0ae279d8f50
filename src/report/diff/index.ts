import type { GraphDiff } from "../../graph/diff/index.js";
import type { TextStyle } from "../text.js";
import { diffMarkdown } from "./markdown.js";
import { diffText } from "./text.js";

/** What a report is made of. */
export interface DiffParts {
  readonly diff: GraphDiff;
  /** The folder of the head as the user gave it; files of the program are relative to it. */
  readonly folder: string;
  readonly style: TextStyle;
}

/** A difference in every format that `plinth diff` writes. JSON has the form of `GraphDiff`. */
export const diffReports: { readonly [format: string]: (parts: DiffParts) => string } = {
  text: diffText,
  json: ({ diff }) => `${JSON.stringify(diff, null, 2)}\n`,
  markdown: diffMarkdown,
};
