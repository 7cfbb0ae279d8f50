import { dirname, resolve } from "node:path";
import { ownRules } from "../policy/config/own-rules.js";
import { type ReadPolicy, readPolicyFile } from "../policy/config/read.js";
import type { Waiver } from "../policy/waivers.js";
import { rules as catalogue, type Environment, type Rule } from "../rules/index.js";
import type { Io } from "./io.js";
import type { OptionSpec, ParsedArguments } from "./options.js";

/** The option of every command that judges. */
export const policyOption: OptionSpec = {
  value: "FILE",
  help: "the policy file; default plinth.policy.yaml in the folder, if there is one",
};

/** The policy file that counts for a folder, if there is one, and the catalogue with the team's own rules. */
export async function readPolicy(
  { values }: ParsedArguments,
  folder: string,
  io: Io,
): Promise<{ readonly read: ReadPolicy | undefined; readonly rules: readonly Rule[] }> {
  const [file] = values.policy ?? [];
  const path = file === undefined ? undefined : resolve(io.directory, file);
  const read = await readPolicyFile(folder, path, file);
  const own = read ? await ownRules(read, path === undefined ? folder : dirname(path), catalogue) : [];
  return { read, rules: [...catalogue, ...own] };
}

/** The waivers of the file that count in an environment, each with its place in the file. */
export function waiversFor(read: ReadPolicy | undefined, environment: Environment | undefined): Waiver[] {
  return (read?.policy.waivers ?? [])
    .map((waiver, index) => ({ ...waiver, source: read?.lineOf(["waivers", index]) }))
    .filter((waiver) => waiver.environment === undefined || waiver.environment === environment);
}
