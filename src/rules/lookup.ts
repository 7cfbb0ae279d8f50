import type { Value } from "../graph/model.js";

/**
 * Finds items by a text such as a namespace without going through all of them, so that many of two kinds do not
 * multiply. Items whose text is not known may be meant by every text, and a text that is not known may mean every item.
 */
export function lookup<T>(
  items: readonly T[],
  textOf: (item: T) => Value | undefined,
): (text: Value | undefined) => readonly T[] {
  const known = new Map<string, T[]>();
  const open: T[] = [];
  for (const item of items) {
    const text = textOf(item);
    if (typeof text !== "string") open.push(item);
    else if (known.has(text)) known.get(text)?.push(item);
    else known.set(text, [item]);
  }
  return (text) => (typeof text === "string" ? [...(known.get(text) ?? []), ...open] : items);
}
