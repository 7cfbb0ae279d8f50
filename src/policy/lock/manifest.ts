import { z } from "zod";
import { RemoteError } from "./http.js";

const INDEX_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/**
 * What is asked for. All together: with the types of one family alone, a registry answers 404 for the other's, and with
 * those of single images it picks one platform out of an index.
 */
export const ACCEPT = [...INDEX_TYPES, ...MANIFEST_TYPES].join(", ");

/** The media type without parameters; undefined for what is neither an index nor a manifest, such as the first schema. */
export function knownType(contentType: string | null): string | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  return [...INDEX_TYPES, ...MANIFEST_TYPES].find((known) => known === type);
}

/** What an image's manifest or index says. */
export interface Manifest {
  readonly mediaType: string;
  /** `linux/amd64` of each image of an index; undefined for a single image, or when the index does not say of all. */
  readonly platforms?: readonly string[];
  /** Of a single image: the digest of its configuration, which says for which platform it is. */
  readonly config?: string;
}

const digest = z.string().regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/);
const platform = z.looseObject({ architecture: z.string(), os: z.string(), variant: z.string().optional() });
const typed = z.looseObject({ mediaType: z.string().optional() });
const indexSchema = z.looseObject({
  manifests: z.array(z.looseObject({ digest, platform: platform.nullish() })),
});
const manifestSchema = z.looseObject({ config: z.looseObject({ digest }) });
const configSchema = z.looseObject({ architecture: z.string(), os: z.string() });

/**
 * Reads a manifest or an index. Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
 *
 * @throws RemoteError when it is neither.
 */
export function parseManifest(body: Buffer, contentType: string | null, from: string): Manifest {
  const value = asJson(body);
  // Some registries and mirrors serve everything as application/json; then the text itself says what it is.
  const mediaType = knownType(contentType) ?? knownType(typed.safeParse(value).data?.mediaType ?? null);
  if (mediaType === undefined) {
    const what = contentType ?? "something without a type";
    throw new RemoteError(`${from} answers with ${what}, which is neither an image manifest nor an index.`);
  }
  if (INDEX_TYPES.includes(mediaType)) {
    const index = indexSchema.safeParse(value);
    if (!index.success) throw new RemoteError(`${from} answers with an index that is malformed${place(index.error)}.`);
    const platforms = platformsOf(index.data.manifests.map((each) => each.platform ?? undefined));
    return { mediaType, ...(platforms && { platforms }) };
  }
  const manifest = manifestSchema.safeParse(value);
  if (!manifest.success)
    throw new RemoteError(`${from} answers with a manifest that is malformed${place(manifest.error)}.`);
  return { mediaType, config: manifest.data.config.digest };
}

/**
 * Docker's first format signs its text and is made anew for each client, so its digest is none of the text.
 *
 * @throws RemoteError when this is one.
 */
export function refuseFirstFormat(contentType: string | null, from: string): void {
  if (!contentType?.startsWith("application/vnd.docker.distribution.manifest.v1+")) return;
  throw new RemoteError(`${from} has an image in Docker's first format, which has no lasting digest. Push it again.`);
}

/** `linux/amd64` of an image's configuration; undefined for an artifact that has none, such as a chart. */
export function platformOfConfig(body: Buffer): string | undefined {
  const config = configSchema.safeParse(asJson(body));
  return config.success ? `${config.data.os}/${config.data.architecture}` : undefined;
}

type Platform = z.infer<typeof platform>;

/** Builders put attestations beside the images, as platform `unknown/unknown`. */
function platformsOf(all: readonly (Platform | undefined)[]): string[] | undefined {
  if (all.some((each) => each === undefined)) return undefined;
  const images = all.filter((each) => each !== undefined).filter(({ os }) => os !== "unknown");
  return [...new Set(images.map(({ os, architecture }) => `${os}/${architecture}`))].sort();
}

function place(error: z.ZodError): string {
  const path = error.issues[0]?.path.join(".");
  return path ? ` at ${path}` : "";
}

function asJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
