import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../graph/model.js";
import { DEFAULT_REGISTRY } from "../../rules/images/reference.js";
import { RemoteError } from "./http.js";

/** What a registry is told of who asks. Never printed. */
export type Login =
  | { readonly username: string; readonly password: string }
  /** Changed for an access token by the registry's token service. */
  | { readonly identityToken: string };

/** What `docker login` has written. */
export interface Logins {
  /** The login for a repository; of several the one with the longest path. */
  readonly find: (registry: string, repository: string) => Login | undefined;
  /** The credential helper that Docker would ask; Plinth runs none. */
  readonly helper: (registry: string) => string | undefined;
}

const schema = z.looseObject({
  auths: z
    .record(
      z.string(),
      z.looseObject({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
        identitytoken: z.string().optional(),
      }),
    )
    .optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});

/**
 * Reads `config.json` of the folder `DOCKER_CONFIG`, else of `~/.docker`. Without the file nobody is logged in.
 * Source: https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
export async function readLogins(env: Readonly<Record<string, string | undefined>>): Promise<Logins> {
  const file = join(env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker"), "config.json");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "{}";
    throw new InputError(`${file} cannot be read (${error.code}).`);
  });
  return parseLogins(text, file);
}

/** @throws InputError that names the file, and nothing of what it holds. */
export function parseLogins(text: string, file: string): Logins {
  const parsed = schema.safeParse(asJson(text, file));
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join(".") || "the file";
    throw new InputError(`${file}: ${place} is not as "docker login" writes it.`);
  }
  const { auths = {}, credHelpers = {}, credsStore } = parsed.data;
  const byPlace = new Map(Object.entries(auths).map(([key, value]) => [placeOf(key), { key, value }]));
  const helpers = new Map(Object.entries(credHelpers).map(([key, helper]) => [placeOf(key), helper]));
  return {
    find: (registry, repository) => {
      const found = places(registry, repository).flatMap((place) => byPlace.get(place) ?? []);
      // With a helper, Docker leaves an empty entry for each registry.
      return found
        .map(({ key, value }) => loginOf(value, `auths["${key}"] in ${file}`))
        .find((each) => each !== undefined);
    },
    helper: (registry) => helpers.get(registry) ?? credsStore,
  };
}

function loginOf(entry: NonNullable<z.infer<typeof schema>["auths"]>[string], where: string): Login | undefined {
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.auth) {
    const [, username, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(entry.auth, "base64").toString("utf8")) ?? [];
    // Docker pads the password with NUL.
    if (username !== undefined && password !== undefined) return { username, password: password.replace(/\0+$/, "") };
    throw new RemoteError(`${where}: "auth" is not base64 of USER:PASSWORD. Log in again with "docker login".`);
  }
  return entry.username && entry.password ? { username: entry.username, password: entry.password } : undefined;
}

function asJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`${file} is not JSON.`);
  }
}

/** Docker Hub has an address of its own there, and old entries begin with a scheme and end with a version of the API. */
function placeOf(key: string): string {
  const place = key
    .replace(/^https?:\/\//, "")
    .replace(/\/v[12]\/?$/, "")
    .replace(/\/+$/, "");
  return place.replace(/^(index\.docker\.io|registry-1\.docker\.io)(?=\/|$)/, DEFAULT_REGISTRY);
}

/** `ghcr.io/acme/app`, `ghcr.io/acme`, `ghcr.io`. */
function places(registry: string, repository: string): string[] {
  const parts = [registry, ...repository.split("/")];
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}
