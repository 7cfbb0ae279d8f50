import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Project, parseFile } from "./project.js";
import { isObject, type Wire, type WireObject } from "./wire.js";

/**
 * `plinth.invokes.json`, beside Pulumi.yaml or in the program's folder: what a cloud would have answered.
 *
 *     {
 *       "invokes": [
 *         { "token": "aws:ec2/getVpc:getVpc", "args": { "default": true }, "result": { "id": "vpc-1" } }
 *       ],
 *       "stackReferences": { "acme/network/prod": { "vpcId": "vpc-1" } }
 *     }
 *
 * `args` may be left out or name only some arguments; the first entry that fits is the answer.
 */
const schema = z.strictObject({
  invokes: z
    .array(
      z.strictObject({
        token: z.string().min(1),
        args: z.record(z.string(), z.json()).optional(),
        result: z.record(z.string(), z.json()),
      }),
    )
    .optional(),
  stackReferences: z.record(z.string(), z.record(z.string(), z.json())).optional(),
});

export const answersFile = "plinth.invokes.json";

export interface Answers {
  invoke(token: string, args: WireObject): WireObject | undefined;
  /** Outputs of another stack, by the name the program uses or by `organization/project/stack`. */
  stack(name: string): WireObject | undefined;
  /** What the file says that nothing asked for. */
  unused(): readonly string[];
}

export function readAnswers(project: Project): Answers {
  const path = [project.root, project.program]
    .map((folder) => join(folder, answersFile))
    .find((file) => existsSync(file));
  const file = path === undefined ? {} : parseFile(path, schema);
  const invokes = (file.invokes ?? []) as readonly { token: string; args?: WireObject; result: WireObject }[];
  const stacks = new Map(Object.entries(file.stackReferences ?? {}) as [string, WireObject][]);
  const used = new Set<unknown>();
  const use = <Item>(item: Item): Item => {
    used.add(item);
    return item;
  };
  return {
    invoke(token, args) {
      const found = invokes.find((entry) => entry.token === token && matches(entry.args ?? {}, args));
      return found && use(found).result;
    },
    stack(name) {
      const key = [name, fullName(name, project)].find((candidate) => stacks.has(candidate));
      return key === undefined ? undefined : stacks.get(use(key));
    },
    unused: () => [
      ...invokes.filter((entry) => !used.has(entry)).map((entry) => `the answer for ${entry.token}`),
      ...[...stacks.keys()].filter((key) => !used.has(key)).map((key) => `the outputs of the stack ${key}`),
    ],
  };
}

/** A bare stack name is one of this project; `project/stack` is one of this organization. */
function fullName(name: string, project: Project): string {
  const parts = name.split("/");
  return [project.organization, project.name]
    .slice(0, Math.max(0, 3 - parts.length))
    .concat(parts)
    .join("/");
}

/** Whether every part of the pattern is in the value. */
export function matches(pattern: Wire, value: Wire | undefined): boolean {
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      pattern.length === value.length &&
      pattern.every((item: Wire, index) => matches(item, value[index] as Wire))
    );
  }
  if (!isObject(pattern)) return pattern === value;
  return isObject(value) && Object.entries(pattern).every(([key, item]) => matches(item, value[key]));
}
