import type { TextStyle } from "../report/text.js";
import type { Io } from "./io.js";

/** Colours on a terminal unless NO_COLOR is set (https://no-color.org); line drawing unless the locale is not UTF-8. */
export function textStyle({ env, isTerminal }: Pick<Io, "env" | "isTerminal">): TextStyle {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  return {
    color: isTerminal && !env.NO_COLOR && env.TERM !== "dumb",
    // No locale at all is usual in containers, and their output is read as UTF-8.
    unicode: locale === "" || /utf-?8/i.test(locale),
  };
}
