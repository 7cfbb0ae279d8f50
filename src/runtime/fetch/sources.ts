import type { IncomingMessage } from "node:http";
import { AwsV4Signer } from "aws4fetch";
import { type AwsCredentials, awsCredentials, awsRegion } from "./aws.js";
import { FetchError, usage } from "./errors.js";
import { googleToken } from "./gcp.js";
import { bearer, type Client, isLoopback, type Retry, readText, retryAfter, type Target } from "./http.js";

/** A directory of objects somewhere. */
export interface Source {
  /** How messages name an object, without secrets. */
  name(path: string): string;
  /** The object's URL with fresh credentials. */
  target(path: string): Promise<Target>;
  /** What to do about 401 and 403. */
  readonly denied: string;
  /** Throws away a cached credential; true when there was one that a new one could replace. */
  renew(): boolean;
}

export interface SourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Send no credentials. */
  readonly anonymous: boolean;
  /** Allow `http://` to hosts other than this machine. */
  readonly allowHttp: boolean;
  readonly client: Client;
  readonly retry: Retry;
  readonly signal?: AbortSignal;
}

const SCHEMES: Readonly<Record<string, (uri: string, options: SourceOptions) => Source>> = {
  s3: s3Source,
  gs: gcsSource,
  hf: hubSource,
  https: webSource,
  http: webSource,
};

/** The source for a URI; wrong URIs are refused before anything is sent. */
export function openSource(uri: string, options: SourceOptions): Source {
  const open = SCHEMES[/^([a-z0-9]+):\/\//.exec(uri)?.[1] ?? ""];
  if (open === undefined) {
    throw usage(
      `--uri ${shownUri(uri)}: use s3://bucket/prefix/, gs://bucket/prefix/, hf://org/repo@revision or https://host/path/`,
    );
  }
  return open(uri, options);
}

/** A URI for messages: without user, password, query and fragment. */
export const shownUri = (uri: string): string => uri.replace(/[?#].*$/s, "").replace(/\/\/[^/]*@/, "//");

const encodePath = (path: string): string => path.split("/").map(encodeSegment).join("/");
const encodeSegment = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const asFolder = (path: string): string => (path === "" || path.endsWith("/") ? path : `${path}/`);

/** An endpoint from the environment: the operator chose it, so plain http is allowed there. */
function endpointUrl(value: string, variable: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw usage(`${variable} must be an http or https URL`);
  return url;
}

const under = (base: URL, path: string): URL => new URL(base.origin + asFolder(base.pathname) + path);

function bucketOf(uri: string): { bucket: string; prefix: string } {
  const [, bucket, prefix = ""] = /^\w+:\/\/([^/?#]+)(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]{1,221}$/.test(bucket)) {
    throw usage(`--uri ${shownUri(uri)}: the part after :// must be a bucket's name`);
  }
  return { bucket, prefix: asFolder(prefix) };
}

function s3Source(uri: string, { env, anonymous, client, retry, signal }: SourceOptions): Source {
  const { bucket, prefix } = bucketOf(uri);
  const region = awsRegion(env);
  const variable = env.AWS_ENDPOINT_URL_S3 ? "AWS_ENDPOINT_URL_S3" : "AWS_ENDPOINT_URL";
  const endpoint = env[variable];
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  // A dot in the bucket's name would not match Amazon's wildcard certificate.
  const base = endpoint
    ? under(endpointUrl(endpoint, variable), `${bucket}/`)
    : new URL(
        bucket.includes(".")
          ? `https://s3.${region}.${domain}/${bucket}/`
          : `https://${bucket}.s3.${region}.${domain}/`,
      );
  const credentials = anonymous ? undefined : awsCredentials({ env, client, retry, ...(signal ? { signal } : {}) });
  return {
    name: (path) => `s3://${bucket}/${prefix}${path}`,
    denied:
      "let the pod's role read it (s3:GetObject on the prefix; also kms:Decrypt for a bucket with its own KMS key); " +
      "S3 also answers 403 for a missing object when s3:ListBucket is not allowed",
    renew: () => credentials?.renew() ?? false,
    target: async (path) => {
      const url = under(base, encodePath(prefix + path));
      return { url, headers: credentials ? await signS3(url, region, await credentials.get()) : {} };
    },
  };
}

/** SigV4 headers of a GET with an unsigned payload. */
async function signS3(url: URL, region: string, credentials: AwsCredentials): Promise<Record<string, string>> {
  const signer = new AwsV4Signer({ url: url.href, method: "GET", service: "s3", region, ...credentials });
  const { headers } = await signer.sign();
  return Object.fromEntries(headers as unknown as Iterable<[string, string]>);
}

function gcsSource(uri: string, { env, anonymous, client, retry, signal }: SourceOptions): Source {
  const { bucket, prefix } = bucketOf(uri);
  const emulator = env.STORAGE_EMULATOR_HOST;
  const base = emulator
    ? endpointUrl(emulator.includes("://") ? emulator : `http://${emulator}`, "STORAGE_EMULATOR_HOST")
    : new URL("https://storage.googleapis.com/");
  const token = anonymous || emulator ? undefined : googleToken({ env, client, retry, ...(signal ? { signal } : {}) });
  return {
    name: (path) => `gs://${bucket}/${prefix}${path}`,
    denied: "let the pod's service account read it (roles/storage.objectViewer on the bucket)",
    renew: () => token?.renew() ?? false,
    target: async (path) => {
      const url = under(base, `storage/v1/b/${encodeSegment(bucket)}/o/${encodeSegment(prefix + path)}`);
      url.searchParams.set("alt", "media");
      return { url, headers: bearer(await token?.get()) };
    },
  };
}

function hubSource(uri: string, { env, anonymous }: SourceOptions): Source {
  const [, repo, revision, folder = ""] = /^hf:\/\/([\w.-]+\/[\w.-]+)@([^/?#]+)(?:\/([^?#]*))?$/.exec(uri) ?? [];
  if (repo === undefined || revision === undefined) {
    throw usage(
      `--uri ${shownUri(uri)}: use hf://org/repo@revision, with the revision's commit (a slash in it as %2F)`,
    );
  }
  const endpoint = endpointUrl(env.HF_ENDPOINT || "https://huggingface.co", "HF_ENDPOINT");
  const base = under(endpoint, `${repo}/resolve/${encodeSegment(decodeURIComponent(revision))}/`);
  const token = anonymous ? undefined : env.HF_TOKEN;
  return {
    name: (path) => `hf://${repo}@${revision}/${asFolder(folder)}${path}`,
    denied: token
      ? "accept the model's terms with the account HF_TOKEN belongs to, and check that the token may read it"
      : "the model is private or gated: set HF_TOKEN from a Secret",
    renew: () => false,
    target: async (path) => ({
      url: under(base, encodePath(asFolder(folder) + path)),
      headers: bearer(token?.trim()),
    }),
  };
}

function webSource(uri: string, { allowHttp }: SourceOptions): Source {
  if (!URL.canParse(uri)) throw usage(`--uri ${shownUri(uri)} is not a URL`);
  const base = new URL(uri);
  if (base.username || base.password) {
    throw usage(
      `--uri ${shownUri(uri)}: a user or password in a URL ends up in logs; use a source with its own credentials`,
    );
  }
  if (base.protocol === "http:" && !allowHttp && !isLoopback(base)) {
    throw usage(`--uri ${shownUri(uri)}: http is not encrypted; use https, or --allow-http inside a trusted network`);
  }
  return {
    name: (path) => shownUri(`${base.origin}${asFolder(base.pathname)}${path}`),
    denied: "the server wants credentials; use a URL this pod may read",
    renew: () => false,
    target: async (path) => {
      const url = under(base, encodePath(path));
      url.search = base.search;
      return { url, headers: {} };
    },
  };
}

/** S3 error codes that come with a 400 or 403 but are cured by asking again, with new credentials where noted. */
const EXPIRED = ["ExpiredToken", "ExpiredTokenException", "InvalidToken", "RequestExpired"];
const BUSY = ["RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"];

/** What an answer that is neither 200 nor 206 means. Reads a little of its body for the error code. */
export async function refusal(response: IncomingMessage, source: Source, path: string): Promise<FetchError> {
  const status = response.statusCode ?? 0;
  const body = await readText(response, 4096, true).catch(() => "");
  const code = /<Code>(\w{1,64})<\/Code>/.exec(body)?.[1];
  const what = `${source.name(path)}: HTTP ${status}${code === undefined ? "" : ` ${code}`}`;
  const wait = retryAfter(response.headers["retry-after"], Date.now());
  if (status >= 500 || status === 429 || status === 408 || BUSY.includes(code ?? "")) {
    return new FetchError("transient", what, wait, status);
  }
  if ((status === 401 || EXPIRED.includes(code ?? "")) && source.renew()) {
    return new FetchError("transient", `${what}, the credentials had expired`, wait, status);
  }
  return new FetchError("fatal", `${what}; ${advice(status, code, response, source)}`, wait, status);
}

function advice(status: number, code: string | undefined, response: IncomingMessage, source: Source): string {
  const region = response.headers["x-amz-bucket-region"];
  if (status === 301 && typeof region === "string") return `the bucket is in ${region}: set AWS_REGION=${region}`;
  if (code === "RequestTimeTooSkewed") return "the node's clock is wrong";
  if (code === "SignatureDoesNotMatch") return "the secret key or AWS_REGION is wrong";
  if (status === 401 || status === 403) return source.denied;
  if (status === 404 || status === 410) return "there is no such object: check the URI, the version and the revision";
  return "the server refuses this request";
}
