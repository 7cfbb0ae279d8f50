import { InputError } from "../../graph/model.js";
import { ruleFacts, ruleText } from "../../report/rules.js";
import { rules } from "../../rules/index.js";
import { exit, type Io } from "../io.js";
import { nearest, type OptionSpecs, optionHelp, readArguments } from "../options.js";
import { textStyle } from "../style.js";

const options: OptionSpecs = {
  format: { value: "FORMAT", short: "f", choices: ["text", "json"], help: "how to print; default text" },
  help: { short: "h", help: "this help" },
};

const help = `Explain a rule: what must hold and why, exactly when it is broken, its parameters, examples.

Usage: plinth explain RULE

${optionHelp(options)}

Examples:
  plinth explain GPU001
  plinth explain digest-pinned
`;

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = readArguments("explain", args, options);
  if (values.help) {
    io.stdout(help);
    return exit.ok;
  }
  const [wanted, ...more] = positionals;
  if (wanted === undefined || more.length > 0)
    throw new InputError('Name one rule: plinth explain GPU001. "plinth rules" lists them.');
  const rule = rules.find(({ id, name }) => id === wanted.toUpperCase() || name === wanted.toLowerCase());
  if (rule === undefined) {
    const near = nearest(
      wanted,
      rules.flatMap(({ id, name }) => [id, name]),
    );
    throw new InputError(
      `there is no rule ${wanted}.${near ? ` Did you mean ${near}?` : ""} "plinth rules" lists them.`,
    );
  }
  io.stdout(
    values.format?.[0] === "json" ? `${JSON.stringify(ruleFacts(rule), null, 2)}\n` : ruleText(rule, textStyle(io)),
  );
  return exit.ok;
}
