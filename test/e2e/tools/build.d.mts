import type { Tool, ToolName } from "./tools.mjs";

/** A built tool, or why there is none, in one sentence for people. */
export type Built =
  | { readonly path: string; readonly missing?: never }
  | { readonly path?: never; readonly missing: string };

export interface Options<Name extends string> {
  /** @default the table of tools.mjs */
  readonly tools?: Readonly<Record<Name, Tool>>;
  /** Room on the disk without which no build is begun. @default 4 */
  readonly gigabytes?: number;
}

/** Builds the tools that are not in the cache, one after the other. `log` gets the progress lines. @default all tools; stderr */
export function buildTools<Name extends string = ToolName>(
  names?: readonly NoInfer<Name>[],
  options?: Options<Name> & { readonly log?: (line: string) => void },
): Promise<Record<Name, Built>>;

/** What the cache has. Builds nothing. */
export function builtTools<Name extends string = ToolName>(
  names?: readonly NoInfer<Name>[],
  options?: Pick<Options<Name>, "tools">,
): Record<Name, Built>;
