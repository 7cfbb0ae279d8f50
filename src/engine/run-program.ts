import { type GraphRun, InputError } from "../graph/model.js";

export interface RunProgramOptions {
  readonly directory: string;
  readonly stack?: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly organization?: string;
  readonly timeoutSeconds?: number;
  readonly onLog?: (line: string) => void;
}

export async function runProgram(options: RunProgramOptions): Promise<GraphRun> {
  throw new InputError(`the engine is being written: ${options.directory}`);
}
