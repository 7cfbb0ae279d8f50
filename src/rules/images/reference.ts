import { text } from "../cel.js";

/**
 * Image names, read and normalised as container runtimes do it: https://github.com/distribution/reference
 * (`normalize.go`: `splitDockerDomain`; `regexp.go`: `ReferenceRegexp`, `anchoredIdentifierRegexp`).
 */
export interface ImageReference {
  /** Host of the registry with its port: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Path in the registry: `library/nginx`. */
  readonly repository: string;
  readonly tag?: string;
  /** Algorithm and hexadecimal digits: `sha256:…`. */
  readonly digest?: string;
}

/** The registry of names that name none. */
export const DEFAULT_REGISTRY = "docker.io";

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const host =
  "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
const HOST = new RegExp(`^${host}$`);
const REST = new RegExp(
  `^(?<repository>${component}(?:/${component})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);
const LONGEST_NAME = 255;

/**
 * The parts of an image name: `nginx` is `docker.io/library/nginx`, `localhost:5000/x` has a port and no tag. Undefined
 * for what no runtime accepts: capitals in the path, a bare digest, a name of over 255 characters.
 */
export function parseImage(image: string): ImageReference | undefined {
  if (/^[a-f0-9]{64}$/.test(image)) return undefined;
  const { registry, rest } = splitRegistry(image);
  if (!HOST.test(registry)) return undefined;
  const { repository = "", tag, digest } = REST.exec(rest)?.groups ?? {};
  if (repository === "" || repository.length > LONGEST_NAME) return undefined;
  if (digest !== undefined && !isWholeDigest(digest)) return undefined;
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The name in full: registry, path, tag and digest. */
export function formatImage({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

function splitRegistry(image: string): { registry: string; rest: string } {
  const slash = image.indexOf("/");
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase());
  const registry = !isHost || first === "index.docker.io" ? DEFAULT_REGISTRY : first;
  const rest = isHost ? image.slice(slash + 1) : image;
  return { registry, rest: registry === DEFAULT_REGISTRY && !rest.includes("/") ? `library/${rest}` : rest };
}

/** The algorithms that runtimes know have digests of one length; others are refused. */
function isWholeDigest(digest: string): boolean {
  return /^(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/.test(digest);
}

/** CEL: whether an image name ends in a sha256 digest. Only its end is matched, as names can be long. */
export function hasDigest(image: string): string {
  return `(size(${image}) > 72 && ${image}.substring(size(${image}) - 72).matches("^@sha256:[0-9a-f]{64}$"))`;
}

/** CEL: the name with its registry and, for Docker Hub, `library/`; tag and digest stay as they are. */
export function fullName(image: string): string {
  const first = `${image}.split("/")[0]`;
  const isHost = `(${image}.contains("/") && (${first} == "localhost" || ${first}.contains(".") || ${first}.contains(":") || ${first} != ${first}.lowerAscii()))`;
  const isHub = `(!${isHost} || ${first} == "docker.io" || ${first} == "index.docker.io")`;
  const rest = `(${isHost} ? ${image}.substring(size(${first}) + 1) : ${image})`;
  return `(${isHub} ? [${rest}].map(rest, rest.contains("/") ? ${text(`${DEFAULT_REGISTRY}/`)} + rest : ${text(`${DEFAULT_REGISTRY}/library/`)} + rest)[0] : ${image})`;
}

/** CEL: whether an image is from one of these registries: whole hosts, or hosts with the beginning of a path. */
export function isFrom(image: string, registries: string): string {
  const matches =
    'n.startsWith(r + "/") || (r.contains("/") && (n == r || n.startsWith(r + ":") || n.startsWith(r + "@")))';
  return `(size(${registries}) > 0 && [${fullName(image)}].exists(n, ${registries}.exists(r, ${matches})))`;
}

/** CEL: the tag of an image name, "" when it has none; the port of a registry is not a tag. */
export function tagOf(image: string): string {
  return `[${image}.split("@")[0].split("/")].map(parts, parts[size(parts) - 1].split(":")).map(last, size(last) > 1 ? last[1] : "")[0]`;
}
