/** Everything a command reads from and writes to, so that tests run it in-process. */
export interface Io {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** All of standard input as text; not UTF-8 gives replacement characters. */
  readonly stdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. */
  readonly directory: string;
  readonly isTerminal: boolean;
}

/** Exit statuses: 1 is kept for findings of `plinth check`. */
export const exit = { ok: 0, findings: 1, failed: 2 } as const;
