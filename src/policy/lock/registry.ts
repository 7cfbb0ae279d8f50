import { createHash } from "node:crypto";
import { DEFAULT_REGISTRY, type ImageReference } from "../../rules/images/reference.js";
import { authorize, howToLogIn, type Visit } from "./auth.js";
import type { Logins } from "./credentials.js";
import { ask, type HttpAnswer, type HttpSettings, mayBePlain, RemoteError, UnreachableError } from "./http.js";
import { ACCEPT, knownType, parseManifest, platformOfConfig, refuseFirstFormat } from "./manifest.js";

export interface RegistrySettings extends HttpSettings {
  readonly logins: Logins;
  /** Who is asked instead of a registry: `HOST` or `HOST/PATH`, where the path comes before the repository's. */
  readonly mirrors?: ReadonlyMap<string, string>;
}

/** What a tag stands for now. */
export interface Resolved {
  readonly digest: string;
  readonly mediaType: string;
  /** `linux/amd64`; undefined when it was not asked for or nothing says it. */
  readonly platforms?: readonly string[];
}

export interface Registry {
  /**
   * The digest of a tag: of the index, when the image is there for several platforms.
   *
   * @param withPlatforms costs one or two requests more, which Docker Hub counts as a pull
   * @throws RemoteError with the reason, for the user.
   */
  readonly resolve: (reference: ImageReference, withPlatforms: boolean) => Promise<Resolved>;
}

/** Docker Hub's API has another host than its images' names. */
const HOSTS: Readonly<Record<string, string>> = { [DEFAULT_REGISTRY]: "registry-1.docker.io" };

/**
 * A client of the registries' API: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 * It keeps what let it in for each repository, and gives up a host that cannot be reached after the first try.
 */
export function registryClient(settings: RegistrySettings): Registry {
  const { logins, mirrors } = settings;
  const admissions = new Map<string, string>();
  const lost = new Map<string, UnreachableError>();

  async function send(visit: Visit, path: string, method: "HEAD" | "GET"): Promise<HttpAnswer> {
    const before = lost.get(visit.host);
    if (before) throw before;
    const protocol = mayBePlain(visit.host, settings) ? "http" : "https";
    const url = new URL(`${protocol}://${visit.host}/v2/${visit.repository}/${path}`);
    const key = `${visit.host}/${visit.repository}`;
    const get = (authorization: string | undefined) =>
      ask({ url, method, headers: { accept: ACCEPT, ...(authorization && { authorization }) } }, settings).catch(
        (error) => {
          if (error instanceof UnreachableError) lost.set(visit.host, error);
          throw error;
        },
      );
    const answer = await get(admissions.get(key));
    if (answer.status !== 401) return answer;
    // A token may also have ended.
    const admission = await authorize(visit, answer.headers.get("www-authenticate"), logins, settings);
    admissions.set(key, admission);
    return get(admission);
  }

  async function fetched(visit: Visit, path: string, expected?: string): Promise<HttpAnswer & { digest: string }> {
    const answer = await send(visit, path, "GET");
    if (answer.status !== 200) throw new RemoteError(refusal(visit, path, answer, logins));
    refuseFirstFormat(answer.headers.get("content-type"), from(visit));
    const stated = expected ?? wholeDigest(answer.headers.get("docker-content-digest"));
    const digest = digestOf(answer.body, stated);
    if (stated !== undefined && digest !== stated) {
      throw new RemoteError(`${from(visit)} answers with something else than what it names: ${stated}.`);
    }
    return { ...answer, digest };
  }

  return {
    resolve: async (reference, withPlatforms) => {
      const { tag = "latest" } = reference;
      const visit = visitOf(reference, mirrors);
      const head = await send(visit, `manifests/${tag}`, "HEAD");
      const named = head.status === 200 ? wholeDigest(head.headers.get("docker-content-digest")) : undefined;
      const type = knownType(head.headers.get("content-type"));
      if (named !== undefined && type !== undefined && !withPlatforms) return { digest: named, mediaType: type };

      // By its digest when it is known: the tag may move in between.
      const answer = await fetched(visit, `manifests/${named ?? tag}`, named);
      const { mediaType, platforms, config } = parseManifest(
        answer.body,
        answer.headers.get("content-type"),
        from(visit),
      );
      const found = { digest: answer.digest, mediaType };
      if (!withPlatforms) return found;
      if (config === undefined) return { ...found, ...(platforms && { platforms }) };
      const own = platformOfConfig((await fetched(visit, `blobs/${config}`, config)).body);
      return { ...found, ...(own !== undefined && { platforms: [own] }) };
    },
  };
}

function visitOf({ registry, repository }: ImageReference, mirrors: RegistrySettings["mirrors"]): Visit {
  const mirror = mirrors?.get(registry);
  if (mirror === undefined) return { host: HOSTS[registry] ?? registry, registry, repository };
  const [host = "", ...path] = mirror.split("/");
  return { host: HOSTS[host] ?? host, registry: host, repository: [...path, repository].join("/") };
}

function from({ host, repository }: Visit): string {
  return `${host}/${repository}`;
}

function wholeDigest(header: string | null): string | undefined {
  return header !== null && /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(header) ? header : undefined;
}

/** With the algorithm of the digest that is expected, else sha256. */
function digestOf(body: Buffer, expected: string | undefined): string {
  const algorithm = expected?.startsWith("sha512:") ? "sha512" : "sha256";
  return `${algorithm}:${createHash(algorithm).update(body).digest("hex")}`;
}

function refusal(visit: Visit, path: string, { status, body }: HttpAnswer, logins: Logins): string {
  const what = `${visit.repository}:${path.replace(/^(manifests|blobs)\//, "")}`;
  if (status === 401 || status === 403) {
    return `${visit.host} does not show ${visit.repository} (status ${status}): it is not there, or not for everyone. ${howToLogIn(visit, logins)}`;
  }
  const said = errorIn(body);
  return status === 404
    ? `${visit.host} has no ${what}${said}.`
    : `${visit.host} does not give ${what}: status ${status}${said}.`;
}

/** The registry's own words, of which only the code is sure to hold nothing of the request. */
function errorIn(body: Buffer): string {
  const code = /"code"\s*:\s*"([A-Z_]{1,40})"/.exec(body.toString("utf8"))?.[1];
  return code === undefined ? "" : ` (${code})`;
}
