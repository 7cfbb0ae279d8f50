import { styleText } from "node:util";

export interface TextStyle {
  /** Colours; only for a terminal that wants them. */
  readonly color: boolean;
  /** Box-drawing characters; without, plain ASCII. */
  readonly unicode: boolean;
}

export type Color = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** The colour of each severity of a rule. */
export const severityColor = {
  critical: "red",
  high: "red",
  medium: "yellow",
  low: "cyan",
} as const satisfies { readonly [severity: string]: Color };

/** Width of what is printed, in characters. A single word that is longer is not cut: a reader needs names whole. */
export const columns = 100;

export function paint(style: TextStyle, color: Color, text: string): string {
  return style.color && text !== "" ? styleText(color, text, { validateStream: false }) : text;
}

/** Breaks a text at spaces so that no line is wider than `columns`; the first line starts with `first`, others with `rest`. */
export function wrap(text: string, first: string, rest: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = rest + word;
    } else line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
