import {
  type Document,
  isCollection,
  isMap,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Tags,
  visit,
} from "yaml";

/** One YAML or JSON value with its place in the text, counted from 1. */
export interface ParsedDocument {
  readonly value: unknown;
  readonly line: number;
  readonly column: number;
}

/** Why a document cannot be read, and where. */
export interface ParseFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** An alias may be followed this often; more is a "billion laughs" file, not a manifest. */
const maxAliases = 1000;

/**
 * YAML 1.1 as kubectl reads it (`0644` is octal, `yes` is true), without the types that kubectl leaves as text: dates,
 * base-60 numbers, binary, sets. Unknown tags are text too; nothing is ever executed.
 */
export const kubernetesYaml = {
  version: "1.1",
  customTags: (tags: Tags): Tags =>
    tags.filter(
      (tag) =>
        typeof tag === "string" || (tag.format !== "TIME" && !/:(timestamp|binary|omap|pairs|set)$/.test(tag.tag)),
    ),
} as const;

/** Reads all documents of a text. Empty documents are left out; a document that does not parse is a fault. */
export function parseYaml(text: string): { documents: ParsedDocument[]; faults: ParseFault[] } {
  const lineCounter = new LineCounter();
  const place = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const documents: ParsedDocument[] = [];
  const faults: ParseFault[] = [];
  try {
    for (const document of parseAllDocuments(text, { ...kubernetesYaml, lineCounter, logLevel: "silent" })) {
      const fault = faultOf(document);
      if (fault) faults.push({ message: fault.message, ...place(fault.offset) });
      else if (document.contents !== null) documents.push(...valuesOf(document, place));
    }
  } catch (error) {
    // The parser is recursive: only nesting that no manifest has can exhaust its stack.
    const tooDeep = error instanceof RangeError;
    faults.push({ message: tooDeep ? "it is nested too deeply" : messageOf(error), line: 1, column: 1 });
  }
  return { documents, faults };
}

function faultOf(document: Document): { message: string; offset: number } | undefined {
  const [error] = document.errors;
  if (error) return { message: sentence(error.message), offset: error.pos[0] };
  let key: Node | undefined;
  visit(document, {
    Pair: (_, pair) => {
      if (!isCollection(pair.key)) return undefined;
      key = pair.key as Node;
      return visit.BREAK;
    },
  });
  if (!key) return undefined;
  const message =
    'a map or list is used as a key; a Helm template? Render it first ("helm template") and read the result';
  return { message, offset: key.range?.[0] ?? 0 };
}

/** The document's value, or, for a Kubernetes `List`, its items, each with its own place. */
function valuesOf(document: Document, place: (offset: number) => { line: number; column: number }): ParsedDocument[] {
  const value: unknown = document.toJS({ maxAliasCount: maxAliases });
  if (value === null) return [];
  const at = (node: unknown) => place((node as Node | null)?.range?.[0] ?? 0);
  const items = isMap(document.contents) ? document.contents.get("items") : undefined;
  if (!isListObject(value)) return [{ value, ...at(document.contents) }];
  return value.items.map((item, index) => ({
    value: item,
    ...at(isSeq(items) ? items.items[index] : document.contents),
  }));
}

function isListObject(value: unknown): value is { items: readonly unknown[] } {
  if (typeof value !== "object" || value === null || !("kind" in value) || !("items" in value)) return false;
  return typeof value.kind === "string" && value.kind.endsWith("List") && Array.isArray(value.items);
}

/** The first line of the parser's message without its own position, which is told beside the file's name. */
function sentence(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/ at line \d+, column \d+:?$/, "");
}

function messageOf(error: unknown): string {
  if (error instanceof ReferenceError) return "its aliases expand to far more than the file holds (refused)";
  return error instanceof Error ? sentence(error.message) : String(error);
}
