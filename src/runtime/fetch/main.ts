import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { HELP, parseArguments } from "./arguments.js";
import { FetchError, messageOf } from "./errors.js";
import { fetchModel, formatBytes } from "./fetch.js";

export { FetchError } from "./errors.js";
export { type FetchOptions, type FetchResult, fetchModel } from "./fetch.js";
export { checkManifest, type ModelFile, readManifest } from "./manifest.js";

/** The command: exit status 0 done, 1 failed, 2 wrong arguments. Says everything on stderr. */
export async function main(args: readonly string[]): Promise<number> {
  const say = (line: string) => process.stderr.write(`fetch: ${line}\n`);
  const stop = new AbortController();
  const halt = () => stop.abort();
  process.once("SIGTERM", halt).once("SIGINT", halt);
  try {
    const options = parseArguments(args);
    if (options === "help") {
      process.stdout.write(HELP);
      return 0;
    }
    const { files, bytes, kept, seconds } = await fetchModel({ ...options, signal: stop.signal, report: say });
    say(`done: ${files} files, ${formatBytes(bytes)}, ${kept} kept, in ${seconds.toFixed(1)} s`);
    return 0;
  } catch (error) {
    say(`error: ${messageOf(error)}`);
    return error instanceof FetchError && error.kind === "usage" ? 2 : 1;
  } finally {
    process.off("SIGTERM", halt).off("SIGINT", halt);
  }
}

/** True when Node was started with this file; a ConfigMap mounts it through symbolic links. */
function isCommand(): boolean {
  const script = process.argv[1];
  try {
    return isMainThread && script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}

if (isCommand()) process.exitCode = await main(process.argv.slice(2));
