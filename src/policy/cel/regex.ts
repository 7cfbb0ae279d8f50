const cache = new Map<string, RegExp | undefined>();

/**
 * A regular expression of RE2 (https://github.com/google/re2/wiki/Syntax), which CEL has, as JavaScript's; undefined when
 * it is none. Of RE2's own, flags inside a pattern, `\p`, `\Q` and `\C` are not supported.
 */
export function regex(pattern: string): RegExp | undefined {
  if (!cache.has(pattern)) {
    // Users' own texts may make patterns of values: the cache must not grow without end.
    if (cache.size > 1000) cache.clear();
    cache.set(pattern, translate(pattern));
  }
  return cache.get(pattern);
}

function translate(pattern: string): RegExp | undefined {
  const [, flags = "", rest = ""] = /^(?:\(\?([ims]+)\))?(.*)$/s.exec(pattern) ?? [];
  const text = javascriptOf(rest, flags.includes("s"));
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, [...new Set(flags)].join(""));
  } catch {
    return undefined;
  }
}

// A POSIX class, an escaped character, the head of a group, or any other character.
const token = /\[:\w+:\]|\\[\s\S]|\(\?(?:P?<\w+>|:)?|[\s\S]/g;

/** Undefined for what only one of both has, such as look-around and back-references. */
function javascriptOf(pattern: string, isDotAll: boolean): string | undefined {
  let text = "";
  let isClass = false;
  for (const part of pattern.match(token) ?? []) {
    const isFirst = isClass && /(?<!\\)\[\^?$/.test(text);
    const made: string | undefined = isClass ? inClass(part, isFirst) : outside(part, isDotAll);
    if (made === undefined) return undefined;
    text += made;
    if (part === "[") isClass = true;
    if (part === "]" && !isFirst) isClass = false;
  }
  return text;
}

function outside(part: string, isDotAll: boolean): string | undefined {
  if (part.startsWith("\\")) return escapes[part] ?? (common.test(part) ? part : undefined);
  if (part.startsWith("(?")) return part === "(?" ? undefined : part.replace("(?P<", "(?<");
  if (part.startsWith("[:")) return undefined;
  return part === "." && !isDotAll ? "[^\\n]" : part;
}

function inClass(part: string, isFirst: boolean): string | undefined {
  if (part === "\\s") return space;
  if (part === "\\S") return notSpace;
  if (part.startsWith("\\")) return part !== "\\b" && part !== "\\B" && common.test(part) ? part : undefined;
  if (part.startsWith("[:")) return posix[part.slice(2, -2)];
  return part === "[" || (part === "]" && isFirst) ? `\\${part}` : part;
}

// What RE2 takes for white space; JavaScript has more of it.
const space = "\\t\\n\\f\\r ";
const notSpace = "\\x00-\\x08\\x0b\\x0e-\\x1f\\x21-\\uffff";
const escapes: { readonly [part: string]: string } = {
  "\\A": "^",
  "\\z": "$",
  "\\s": `[${space}]`,
  "\\S": `[^${space}]`,
};
// Escapes that mean one thing to both: classes, borders, control characters, a code, and punctuation.
const common = /^\\[dDwWbBnrtfvx\W_]$/;

const posix: { readonly [name: string]: string } = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  digit: "0-9",
  lower: "a-z",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};
