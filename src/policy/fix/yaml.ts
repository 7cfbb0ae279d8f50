import { type Document, isCollection, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { kubernetesYaml } from "../../graph/yaml.js";
import type { Patch } from "../../rules/rule.js";

/** What is to be changed in one object of a file. */
export interface ObjectPatches {
  /** Where the object begins, from 1: the place that the reader of manifests gave it. */
  readonly line: number;
  readonly column: number;
  readonly patches: readonly Patch[];
}

/**
 * The text of a file of manifests with its objects patched. Documents that no patch touches stay as they are, character
 * for character; in the others comments, the order of keys, quotes and anchors stay.
 */
export function patchYaml(text: string, objects: readonly ObjectPatches[]): string {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...kubernetesYaml, lineCounter: lines, keepSourceTokens: true });
  if (!Array.isArray(documents)) return text;
  const pieces: string[] = [];
  let written = 0;
  let begin = 0;
  for (const document of documents as Document.Parsed[]) {
    // From the end of the one before: comments above the first key and the "---" belong to the document.
    const [from, to] = [begin, document.range[2]];
    begin = to;
    const wanted = objects.flatMap((object) => {
      const path = pathOf(document, object, lines);
      return path === undefined ? [] : [{ path, patches: object.patches }];
    });
    if (wanted.length === 0) continue;
    for (const { path, patches } of wanted) for (const patch of patches) change(document, path, patch);
    pieces.push(text.slice(written, from), inStyleOf(text.slice(from, to), document));
    written = to;
  }
  return pieces.join("") + text.slice(written);
}

/** Where in the document the object at this place is: at its root, or among the items of a List. */
function pathOf(document: Document.Parsed, { line, column }: ObjectPatches, lines: LineCounter) {
  const isAt = (node: Node | null | undefined) => {
    const at = lines.linePos(node?.range?.[0] ?? -1);
    return at.line === line && at.col === column;
  };
  if (isAt(document.contents)) return [];
  const items = isCollection(document.contents) ? document.contents.get("items", true) : undefined;
  const index = isSeq(items) ? items.items.findIndex((item) => isAt(item as Node)) : -1;
  return index < 0 ? undefined : ["items", index];
}

function change(document: Document, above: readonly (string | number)[], { op, path, value, to }: Patch): void {
  const at = [...above, ...path];
  const moved = op === "move" ? document.getIn(at, true) : undefined;
  if (op !== "set") document.deleteIn(at);
  if (op === "set") document.setIn(at, document.createNode(value));
  if (op === "move") document.setIn([...above, ...(to ?? [])], moved);
}

/** The document in the indentation it was written in, with the end it had. */
function inStyleOf(before: string, document: Document): string {
  const [, indent = "  "] = /^( +)\S/m.exec(before) ?? [];
  const flat = /^( *)[^\s#-].*:[ \t]*\n\1- /m.test(before);
  const text = document.toString({ indent: Math.min(indent.length, 8), indentSeq: !flat, lineWidth: 0 });
  return before.endsWith("\n") ? text : text.replace(/\n$/, "");
}
