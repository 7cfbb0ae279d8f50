import { readFile } from "node:fs/promises";
import {
  askForSecret,
  type CredentialOptions,
  type Expiring,
  parseSecret,
  type Refreshing,
  refreshing,
} from "./credentials.js";
import { fatal, usage } from "./errors.js";
import { type Headers, isLoopback } from "./http.js";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export const awsRegion = (env: CredentialOptions["env"]): string =>
  env.AWS_REGION || env.AWS_DEFAULT_REGION || "us-east-1";

/** Credentials in the order of AWS's SDKs: keys, IRSA web identity, container endpoint (EKS Pod Identity, ECS). */
export function awsCredentials(options: CredentialOptions): Refreshing<AwsCredentials> {
  const { env } = options;
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    const value = {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
    };
    return { get: async () => value, renew: () => false };
  }
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN) return refreshing(() => assumeRole(options));
  if (env.AWS_CONTAINER_CREDENTIALS_FULL_URI || env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) {
    return refreshing(() => containerCredentials(options));
  }
  throw usage(
    "s3:// needs credentials: give the pod's service account a role (EKS Pod Identity or IRSA), " +
      "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from a Secret, or use --anonymous for a public bucket",
  );
}

/** IRSA: the projected service account token for a role's credentials. */
async function assumeRole(options: CredentialOptions): Promise<Expiring<AwsCredentials>> {
  const { env } = options;
  const region = awsRegion(env);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const endpoint = env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL || `https://sts.${region}.${domain}/`;
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: env.AWS_ROLE_ARN ?? "",
    RoleSessionName: env.AWS_ROLE_SESSION_NAME || "plinth-fetch",
    WebIdentityToken: await secretFile(env.AWS_WEB_IDENTITY_TOKEN_FILE ?? "", "AWS_WEB_IDENTITY_TOKEN_FILE"),
  });
  const target = { url: new URL(endpoint), headers: {} };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const xml = await askForSecret("AWS STS", target, options, { method: "POST", headers, body: form.toString() });
  const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  return credentialsFrom(
    "AWS STS",
    field("AccessKeyId"),
    field("SecretAccessKey"),
    field("SessionToken"),
    field("Expiration"),
  );
}

/** EKS Pod Identity and ECS: the agent's address and a token file are in the environment. */
async function containerCredentials(options: CredentialOptions): Promise<Expiring<AwsCredentials>> {
  const { env } = options;
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const url = relative
    ? new URL(relative, "http://169.254.170.2")
    : agentUrl(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? "");
  const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  const token = file
    ? await secretFile(file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
  const headers: Headers = token ? { authorization: token } : {};
  const target = { url, headers };
  const answer = parseSecret("the credential agent", await askForSecret("the credential agent", target, options));
  return credentialsFrom(
    "the credential agent",
    answer.AccessKeyId,
    answer.SecretAccessKey,
    answer.Token,
    answer.Expiration,
  );
}

/** The token must not be sent in clear to just any host: the same hosts as in AWS's SDKs. */
function agentUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const agents = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
  if (url?.protocol === "https:" || (url?.protocol === "http:" && (isLoopback(url) || agents.includes(url.hostname))))
    return url;
  throw usage("AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to this machine or the EKS or ECS agent");
}

async function secretFile(path: string, variable: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    throw fatal(`cannot read the file that ${variable} names; check the pod's service account and its projected token`);
  }
}

function credentialsFrom(
  who: string,
  id: unknown,
  secret: unknown,
  token: unknown,
  end: unknown,
): Expiring<AwsCredentials> {
  const expires = typeof end === "string" ? Date.parse(end) : Number.POSITIVE_INFINITY;
  if (typeof id !== "string" || typeof secret !== "string" || Number.isNaN(expires)) {
    throw fatal(`${who} gave no usable credentials`);
  }
  const value = {
    accessKeyId: id,
    secretAccessKey: secret,
    ...(typeof token === "string" ? { sessionToken: token } : {}),
  };
  return { value, expires };
}
