import { readFileSync } from "node:fs";
import { stableHash } from "../core/names.js";

/** A program of `src/runtime`, bundled to one file that a stock Node image runs. */
export interface RuntimeBundle {
  /** File name inside the ConfigMap, e.g. `fetch.mjs`. */
  readonly file: string;
  readonly text: string;
  /** Eight hexadecimal digits that change with the text. */
  readonly hash: string;
}

const read = new Map<string, RuntimeBundle>();

/**
 * The bundle of a runtime program, as `npm run build` made it. Read once.
 *
 * @throws Error when it has not been built.
 */
export function runtimeBundle(program: "fetch"): RuntimeBundle {
  const known = read.get(program);
  if (known) return known;
  const file = `${program}.mjs`;
  // Both src/kubernetes and dist/kubernetes lie two folders below the package's root.
  const text = readBuilt(new URL(`../../dist/runtime/bundle/${file}`, import.meta.url), file);
  const bundle = { file, text, hash: stableHash(text) };
  read.set(program, bundle);
  return bundle;
}

function readBuilt(url: URL, file: string): string {
  try {
    return readFileSync(url, "utf8");
  } catch (cause) {
    throw new Error(`the runtime program ${file} is missing from the package: run "npm run build"`, { cause });
  }
}
