import type { ChildProcess } from "node:child_process";

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export function startGuarded(
  name: string,
  file: string,
  args: readonly string[],
  options: {
    readonly cwd?: string | undefined;
    readonly env?: Readonly<Record<string, string | undefined>> | undefined;
    /** Standard input, output and errors; a number is an open file. */
    readonly stdio: readonly ["ignore" | "pipe", "ignore" | "pipe" | number, "ignore" | "pipe" | number];
  },
): {
  readonly child: ChildProcess & { readonly pid: number };
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
};
