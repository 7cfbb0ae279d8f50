import { parseArgs } from "node:util";
import { messageOf, usage } from "./errors.js";
import type { FetchOptions } from "./fetch.js";

export const HELP = `Usage: node fetch.mjs --uri <uri> --digest sha256:<64 hex> --into <dir> [options]

Downloads a model directory and verifies every file against the pinned manifest.
Running it again continues an unfinished download and verifies a finished one.

  --uri <uri>         s3://bucket/prefix/, gs://bucket/prefix/, https://host/path/
                      or hf://org/repo@revision
  --digest <digest>   sha256:<64 hex>, the digest of the manifest's bytes
  --into <dir>        directory to fill
  --manifest <where>  file or URI of the manifest (default: manifest.json below --uri)
  --parallel <n>      requests at the same time, 1 to 64 (default 8)
  --chunk <size>      bytes per request, such as 16Mi (default 16Mi)
  --anonymous         send no credentials
  --allow-http        allow http:// to hosts other than this machine
  --help              this text

Example:
  node fetch.mjs --uri s3://models/registry/fraud/7/ --digest sha256:<64 hex> --into /models/fraud

Exit status: 0 done, 1 failed, 2 wrong arguments.
`;

const OPTIONS = {
  uri: { type: "string" },
  digest: { type: "string" },
  into: { type: "string" },
  manifest: { type: "string" },
  parallel: { type: "string" },
  chunk: { type: "string" },
  anonymous: { type: "boolean" },
  "allow-http": { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** The command line as options of fetchModel. */
export function parseArguments(args: readonly string[]): FetchOptions | "help" {
  const values = parse(args);
  if (values.help) return "help";
  const { uri, digest, into, manifest, parallel, chunk, anonymous } = values;
  const missing = Object.entries({ uri, digest, into }).filter(([, value]) => value === undefined || value === "");
  if (uri === undefined || digest === undefined || into === undefined || missing.length > 0) {
    throw usage(`${missing.map(([name]) => `--${name}`).join(", ")} missing; --help shows an example`);
  }
  return {
    ...{ uri, digest, into },
    ...(manifest === undefined ? {} : { manifest }),
    ...(parallel === undefined ? {} : { parallel: numeric("--parallel", parallel, Number(parallel)) }),
    ...(chunk === undefined ? {} : { chunk: numeric("--chunk", chunk, parseSize(chunk)) }),
    ...(anonymous ? { anonymous } : {}),
    ...(values["allow-http"] ? { allowHttp: true } : {}),
  };
}

function numeric(option: string, text: string, value: number): number {
  if (/^\d/.test(text) && Number.isInteger(value)) return value;
  throw usage(
    `${option} ${JSON.stringify(text)} is not a number${option === "--chunk" ? " of bytes, such as 16Mi" : ""}`,
  );
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw usage(`${messageOf(error)}; --help lists the options`);
  }
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** A Kubernetes quantity of bytes (`16Mi`, `8M`, `1048576`) as a number; NaN when it is none. */
function parseSize(text: string): number {
  const [, count, unit = ""] = /^(\d+)(Ki|Mi|Gi|k|M|G)?$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit] ?? Number.NaN);
}
