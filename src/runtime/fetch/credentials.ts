import { FetchError, fatal } from "./errors.js";
import { type Client, persist, type Retry, readText, type SendOptions, type Target } from "./http.js";

/** A credential that is fetched when first needed and again before it expires. */
export interface Refreshing<T> {
  get(): Promise<T>;
  /** Forgets an old one after a refusal; true when trying again can help. */
  renew(): boolean;
}

export interface CredentialOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly client: Client;
  readonly retry: Retry;
  readonly signal?: AbortSignal;
}

export interface Expiring<T> {
  readonly value: T;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Milliseconds before its end at which a credential is replaced, as in AWS's own SDKs. */
const MARGIN = 5 * 60_000;

/**
 * A refusal within this many milliseconds of fetching is not a matter of age, so a new credential would not help;
 * unless it was just renewed, when the requests that used the old one still come back refused.
 */
const FRESH = 60_000;
const CREDENTIAL_LIMIT = 256 * 1024;

export function refreshing<T>(fetch: () => Promise<Expiring<T>>, now: () => number = Date.now): Refreshing<T> {
  let current: Promise<Expiring<T>> | undefined;
  let fetchedAt = 0;
  let renewals = 0;
  const load = () => {
    fetchedAt = now();
    const loading = fetch();
    // A failed attempt is not kept: the next request asks again.
    loading.catch(() => {
      if (current === loading) current = undefined;
    });
    return loading;
  };
  return {
    get: async () => {
      current ??= load();
      const { expires } = await current;
      // A credential that is short-lived from the start is used until half its life is over.
      const margin = Math.min(MARGIN, (expires - fetchedAt) / 2);
      if (now() >= expires - margin && now() > fetchedAt + 1000) current = load();
      return (await (current ?? load())).value;
    },
    renew: () => {
      if (now() <= fetchedAt + FRESH) return renewals > 0;
      current = undefined;
      renewals += 1;
      return true;
    },
  };
}

/** A small answer that holds a secret: retried on transient faults, and never quoted in a message. */
export function askForSecret(
  who: string,
  target: Target,
  options: CredentialOptions,
  send: SendOptions = {},
): Promise<string> {
  const { client, retry, signal } = options;
  return persist(
    async () => {
      const { response } = await client.send(target, { ...send, ...(signal ? { signal } : {}) });
      const body = await readText(response, CREDENTIAL_LIMIT);
      const status = response.statusCode ?? 0;
      if (status === 200) return body;
      const code = /<Code>(\w{1,64})<\/Code>/.exec(body)?.[1] ?? "";
      const transient = status >= 500 || status === 429;
      const what = `${who} refused to give credentials: HTTP ${status} ${code}`.trimEnd();
      throw new FetchError(
        transient ? "transient" : "fatal",
        transient ? what : `${what}; check the role of the pod's service account and its trust policy`,
        undefined,
        status,
      );
    },
    retry,
    signal,
  );
}

export function parseSecret(who: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // The text may hold a secret, so the parser's message is not passed on.
  }
  throw fatal(`${who} gave an answer that is not JSON`);
}
