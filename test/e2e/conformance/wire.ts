import { createHash } from "node:crypto";
import { isAbsolute, normalize, relative } from "node:path";
import { sortKeys } from "../../../src/graph/assemble.js";
import { assetAt, isPlain, type Json, type Plain, referenceTo, secretOf, UNKNOWN, withheld } from "./comparable.js";

/** Texts of Pulumi's own encoding of values (sdk/nodejs/runtime/rpc.ts), as its states and plans have them. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const KINDS: Readonly<Record<string, "secret" | "resource" | "output" | "asset" | "archive">> = {
  "1b47061264138c4ac30d75fd1eb44270": "secret",
  "5cf8f73096256a8f31e491e813e4eb8e": "resource",
  d0e6a833031e9bbcd3f4e8bde6ca49a4: "output",
  c44067f5952c0a294b673a41bacd8c17: "asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "archive",
};

/** A value of a state or plan in the comparable form. @param program the folder that paths of assets are relative to */
export function fromWire(value: unknown, program: string): Json {
  if (value === UNKNOWN_TEXT) return UNKNOWN;
  if (Array.isArray(value)) return value.map((item) => fromWire(item, program));
  if (!isPlain(value)) return (value ?? null) as Json;
  switch (KINDS[String(value[SIGNATURE])]) {
    case "secret":
      return fromSecret(fromWire(secretContent(value), program));
    case "resource":
      return referenceTo(String(value.urn));
    case "output": {
      const known = "value" in value ? fromWire(value.value, program) : UNKNOWN;
      return value.secret === true ? fromSecret(known) : known;
    }
    case "asset":
      return fromAsset(value, "file", program);
    case "archive":
      return fromAsset(value, "archive", program);
    default:
      return fromWireObject(value, program);
  }
}

export function fromWireObject(value: Plain, program: string): Plain {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromWire(item, program)]));
}

/** In plain text where the CLI was asked to show secrets. */
const secretContent = (value: Plain): unknown =>
  typeof value.plaintext === "string" ? JSON.parse(value.plaintext) : value.value;

/** What is secret is compared without further marks inside: a graph withholds a secret as one value. */
export const fromSecret = (value: Json): Json =>
  isPlain(value) && value.$ === "unknown" ? secretOf(value) : secretOf(withheld(value));

function fromAsset(value: Plain, pathKind: string, program: string): Json {
  const { kind, at } = graphAsset(value, pathKind);
  return assetAt(kind, kind === "file" || (kind === "archive" && !isPlain(value.assets)) ? pathFrom(at, program) : at);
}

/** As a graph names it; an archive made of assets by the hash of their names. */
function graphAsset(value: Plain, pathKind: string): { kind: string; at: string } {
  if (isPlain(value.assets)) {
    const parts = Object.entries(value.assets).map(([name, part]) => [name, { $asset: partOf(part as Plain) }]);
    return { kind: "archive", at: sha256(JSON.stringify(sortKeys(Object.fromEntries(parts)))) };
  }
  if (typeof value.path === "string" && value.path !== "") return { kind: pathKind, at: value.path };
  if (typeof value.uri === "string" && value.uri !== "") return { kind: "uri", at: value.uri };
  return { kind: "text", at: sha256(String(value.text ?? "")) };
}

const partOf = (part: Plain): { kind: string; at: string } =>
  graphAsset(part, KINDS[String(part[SIGNATURE])] === "archive" ? "archive" : "file");

const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export const pathFrom = (path: string, program: string): string =>
  normalize(isAbsolute(path) ? relative(program, path) : path);
