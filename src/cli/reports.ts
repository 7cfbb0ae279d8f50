import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InputError } from "../graph/model.js";
import type { Io } from "./io.js";
import type { OptionSpec } from "./options.js";

/** A report beside the one that is printed. */
export interface ReportFile {
  readonly format: string;
  readonly file: string;
}

/** The option of every command that can write its reports to files. */
export const reportOption: OptionSpec = {
  value: "FORMAT=FILE",
  repeats: true,
  help: "also write a report there; can be given again",
};

/** Reads `--report`. Throws InputError that names the formats. */
export function reportFiles(given: readonly string[] | undefined, formats: readonly string[]): ReportFile[] {
  return (given ?? []).map((text) => {
    const at = text.indexOf("=");
    const [format, file] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
    if (file !== "" && formats.includes(format)) return { format, file };
    throw new InputError(`--report is "${text}"; write FORMAT=FILE with one of ${formats.join(", ")}.`);
  });
}

export async function writeReports(
  reports: readonly ReportFile[],
  textOf: (format: string) => string,
  io: Io,
): Promise<void> {
  for (const { format, file } of reports) {
    await writeFile(resolve(io.directory, file), textOf(format)).catch((error: NodeJS.ErrnoException) => {
      throw new InputError(`the report ${file} cannot be written (${error.code ?? error.message}).`);
    });
  }
}
