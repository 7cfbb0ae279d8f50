import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Gives the tokens that Distribution's `token` authorization takes: https://distribution.github.io/distribution/spec/auth/jwt/ */
export interface TokenService {
  readonly realm: string;
  /** The public keys, for the registry. */
  readonly jwks: string;
  /** How often tokens were given, by user; "" is nobody. */
  readonly given: Map<string, number>;
  /** A token for a test that pushes. */
  readonly pushToken: (repository: string) => string;
  readonly close: () => Promise<void>;
}

export const ISSUER = "plinth tests";
export const SERVICE = "registry.test";

/**
 * @param passwords of the users; nobody and every user may pull what is below `public/`, users everything.
 */
export async function startTokenService(passwords: Readonly<Record<string, string>>): Promise<TokenService> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const keyId = randomUUID();
  const given = new Map<string, number>();

  const token = (user: string, repository: string, actions: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const access = actions.length > 0 ? [{ type: "repository", name: repository, actions }] : [];
    const claims = {
      iss: ISSUER,
      sub: user,
      aud: SERVICE,
      exp: now + 60,
      nbf: now - 5,
      iat: now,
      jti: randomUUID(),
      access,
    };
    const text = [{ typ: "JWT", alg: "ES256", kid: keyId }, claims].map(base64url).join(".");
    const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://token");
    const [user = "", password] = Buffer.from(request.headers.authorization?.slice("Basic ".length) ?? "", "base64")
      .toString("utf8")
      .split(":");
    const [, repository = "", wanted = ""] = url.searchParams.get("scope")?.split(":") ?? [];
    if (user !== "" && passwords[user] !== password) {
      response.writeHead(401).end("{}");
      return;
    }
    given.set(user, (given.get(user) ?? 0) + 1);
    const mayPull = wanted === "pull" && (user !== "" || repository.startsWith("public/"));
    response.end(JSON.stringify({ token: token(user, repository, mayPull ? ["pull"] : []), expires_in: 60 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    jwks: JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: keyId, use: "sig", alg: "ES256" }] }),
    given,
    pushToken: (repository) => token("pusher", repository, ["pull", "push"]),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
