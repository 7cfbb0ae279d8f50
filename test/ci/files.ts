import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** Root of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

export interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export const action: Action = parse(textOf("action.yml"));

export function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Throws with what bash says when the script does not parse. */
export function checkShell(script: string): void {
  execFileSync("bash", ["-n"], { input: script, stdio: ["pipe", "ignore", "pipe"] });
}

/** Every `run` and `script` line of a workflow, whatever it is nested in. */
export function scriptsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scriptsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inside]) => {
    const isScript = ["run", "script", "before_script", "after_script"].includes(key);
    if (isScript && typeof inside === "string") return [inside];
    if (isScript && Array.isArray(inside)) return inside.filter((line) => typeof line === "string");
    return scriptsOf(inside);
  });
}
