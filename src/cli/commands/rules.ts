import { ruleFacts, rulesText } from "../../report/rules.js";
import { rules } from "../../rules/index.js";
import { exit, type Io } from "../io.js";
import { type OptionSpecs, optionHelp, readArguments } from "../options.js";
import { textStyle } from "../style.js";

const packs = [...new Set(rules.map(({ pack }) => pack))];

const options: OptionSpecs = {
  format: { value: "FORMAT", short: "f", choices: ["text", "json"], help: "how to print; default text" },
  pack: { value: "PACK", choices: packs, help: "only the rules of this pack" },
  help: { short: "h", help: "this help" },
};

const help = `List the rules that "plinth check" judges by.

Usage: plinth rules

${optionHelp(options)}

Examples:
  plinth rules --pack gpu
  plinth rules --format json
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments("rules", args, options);
  if (values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const [pack] = values.pack ?? [];
  const listed = rules.filter((rule) => pack === undefined || rule.pack === pack);
  const isJson = values.format?.[0] === "json";
  io.stdout(
    isJson ? `${JSON.stringify({ rules: listed.map(ruleFacts) }, null, 2)}\n` : rulesText(listed, textStyle(io)),
  );
  return exit.ok;
}
