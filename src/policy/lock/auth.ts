import { type Challenge, parseChallenges } from "./challenge.js";
import type { Login, Logins } from "./credentials.js";
import { ask, type HttpSettings, mayBePlain, RemoteError } from "./http.js";

/** Who asks for what, where. */
export interface Visit {
  /** The host that is asked. */
  readonly host: string;
  /** The registry under whose name `docker login` has stored the login. */
  readonly registry: string;
  readonly repository: string;
}

const CLIENT = "plinth";

/**
 * The `Authorization` header that answers a 401.
 * Source: https://distribution.github.io/distribution/spec/auth/token/, https://distribution.github.io/distribution/spec/auth/oauth/
 *
 * @throws RemoteError when there is no way in.
 */
export async function authorize(
  visit: Visit,
  challenge: string | null,
  logins: Logins,
  settings: HttpSettings,
): Promise<string> {
  const challenges = parseChallenges(challenge ?? "");
  const login = logins.find(visit.registry, visit.repository);
  const bearer = challenges.find(({ scheme }) => scheme === "bearer");
  if (bearer) return `Bearer ${await accessToken(visit, bearer, login, settings)}`;
  if (!challenges.some(({ scheme }) => scheme === "basic")) {
    const known = challenges.map(({ scheme }) => scheme).join(", ") || "none that it names";
    throw new RemoteError(`${visit.host} wants a login of a kind that plinth does not know (${known}).`);
  }
  if (login && "username" in login) return basic(login);
  throw new RemoteError(`${visit.host} wants a login. ${howToLogIn(visit, logins)}`);
}

/** What the user can do about a registry that refuses to show a repository. */
export function howToLogIn({ registry, repository }: Visit, logins: Logins): string {
  if (logins.find(registry, repository)) return `The login for ${registry} in Docker's config.json is not accepted.`;
  const helper = logins.helper(registry);
  const write = `write the login into "auths" of Docker's config.json ("docker login ${registry}" does without a helper)`;
  return helper === undefined
    ? `There is none for ${registry} in Docker's config.json: run "docker login ${registry}".`
    : `Docker keeps it in the credential helper "${helper}", which plinth does not run; ${write}.`;
}

async function accessToken(
  visit: Visit,
  { parameters }: Challenge,
  login: Login | undefined,
  settings: HttpSettings,
): Promise<string> {
  const { realm = "", service, scope = `repository:${visit.repository}:pull` } = parameters;
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (!url || (url.protocol !== "https:" && !mayBePlain(url.host, settings))) {
    throw new RemoteError(`${visit.host} names no token service with an https address.`);
  }
  const wanted = { ...(service !== undefined && { service }), scope, client_id: CLIENT };
  const answer =
    login && "identityToken" in login
      ? await ask({ url, method: "POST", body: refresh(wanted, login.identityToken) }, settings)
      : await ask({ url: withQuery(url, wanted), headers: login ? { authorization: basic(login) } : {} }, settings);
  if (answer.status !== 200) {
    const whose = login ? `the login for ${visit.registry} in Docker's config.json` : "to ask without a login";
    throw new RemoteError(`the token service ${url.host} of ${visit.host} refuses ${whose} (status ${answer.status}).`);
  }
  const token = tokenIn(answer.body.toString("utf8"));
  if (token === undefined) throw new RemoteError(`the token service ${url.host} of ${visit.host} gives no token.`);
  return token;
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function refresh(wanted: Readonly<Record<string, string>>, identityToken: string): URLSearchParams {
  return new URLSearchParams({ grant_type: "refresh_token", ...wanted, refresh_token: identityToken });
}

function withQuery(url: URL, wanted: Readonly<Record<string, string>>): URL {
  const full = new URL(url);
  for (const [name, value] of Object.entries(wanted)) full.searchParams.set(name, value);
  return full;
}

/** `token`, or `access_token` as OAuth2 calls it. What cannot be in a header is no token. */
function tokenIn(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { token, access_token: access } = value as { readonly token?: unknown; readonly access_token?: unknown };
  return [token, access].find((each): each is string => typeof each === "string" && /^[\x21-\x7e]+$/.test(each));
}
