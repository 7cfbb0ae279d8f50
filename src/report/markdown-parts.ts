import { clean } from "../graph/describe.js";

/** Rows of a section before the rest is only counted: comments on pull requests have a limit of 65,536 characters. */
const listed = 100;

/** A section that the reader opens: a table under a summary; nothing when it has no rows. */
export function details(summary: string, header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  return [`<details><summary>${summary}</summary>`, table(header, rows), "</details>"];
}

/** Rows as a table; what is too much for a comment is only counted. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows.slice(0, listed)].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}${rows.length > listed ? `\n\nand ${rows.length - listed} more` : ""}`;
}

/** Text that shows as itself in a Markdown table cell. */
export function escaped(text: string): string {
  return clean(text).replace(/[&\\`*_{}[\]<>|~#@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function code(text: string): string {
  return text === "" ? "" : `<code>${escaped(text)}</code>`;
}
