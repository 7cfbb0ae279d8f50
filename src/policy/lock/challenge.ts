/** One way in which a server wants to be told who asks: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PARAMETER = new RegExp(`^\\s*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]*))\\s*(?:,|$)`);
const SCHEME = new RegExp(`^[\\s,]*(${token})(?:\\s+|\\s*,|$)`);

/**
 * The challenges of a `WWW-Authenticate` header; several may be in one, and quoted values hold commas. What cannot be read
 * ends the list.
 */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let rest = header;
  for (;;) {
    const scheme = SCHEME.exec(rest);
    if (!scheme) return challenges;
    rest = rest.slice(scheme[0].length);
    const parameters: Record<string, string> = {};
    for (let found = PARAMETER.exec(rest); found; found = PARAMETER.exec(rest)) {
      parameters[found[1]!.toLowerCase()] = found[2]?.replace(/\\(.)/g, "$1") ?? found[3] ?? "";
      rest = rest.slice(found[0].length);
    }
    challenges.push({ scheme: scheme[1]!.toLowerCase(), parameters });
  }
}
