import { askForSecret, type CredentialOptions, parseSecret, type Refreshing, refreshing } from "./credentials.js";
import { FetchError, fatal } from "./errors.js";

/** The access token of the pod's Google service account, from the metadata server (Workload Identity). */
export function googleToken(options: CredentialOptions): Refreshing<string> {
  const host = options.env.GCE_METADATA_HOST || "metadata.google.internal";
  const url = new URL(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`);
  return refreshing(async () => {
    const text = await askForSecret(
      "the metadata server",
      { url, headers: { "metadata-flavor": "Google" } },
      options,
    ).catch(explain);
    const answer = parseSecret("the metadata server", text);
    if (typeof answer.access_token !== "string") throw fatal("the metadata server gave no access token");
    const seconds = typeof answer.expires_in === "number" ? answer.expires_in : 300;
    return { value: answer.access_token, expires: Date.now() + seconds * 1000 };
  });
}

function explain(error: unknown): never {
  if (!(error instanceof FetchError)) throw error;
  throw fatal(
    `${error.message}. gs:// needs a Google service account (Workload Identity), or --anonymous for a public bucket`,
  );
}
