import { createHash } from "node:crypto";

/** Pushes by a registry's API: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push */
export interface Pusher {
  /** Pushes an image for one platform; gives its digest. */
  readonly image: (repository: string, tag: string | undefined, platform: string, label?: string) => Promise<string>;
  /** Pushes an image for each platform and an index of them. */
  readonly index: (repository: string, tag: string, platforms: readonly string[], label?: string) => Promise<string>;
  /** Pushes a Helm chart's manifest with an archive that is none. */
  readonly chart: (repository: string, version: string) => Promise<string>;
}

const OCI = "application/vnd.oci.image";
const DOCKER = "application/vnd.docker.distribution.manifest";

/** @param family of which media types the manifests are. @default "oci" */
export function pusher(host: string, authorization?: string, family: "oci" | "docker" = "oci"): Pusher {
  const types =
    family === "oci"
      ? { manifest: `${OCI}.manifest.v1+json`, index: `${OCI}.index.v1+json`, config: `${OCI}.config.v1+json` }
      : {
          manifest: `${DOCKER}.v2+json`,
          index: `${DOCKER}.list.v2+json`,
          config: "application/vnd.docker.container.image.v1+json",
        };

  async function send(
    method: string,
    path: string,
    body?: string,
    type = "application/octet-stream",
  ): Promise<Response> {
    const headers = { "content-type": type, ...(authorization && { authorization }) };
    const url = new URL(path, `http://${host}`);
    const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    if (!answer.ok) throw new Error(`${method} ${url.pathname}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async function blob(repository: string, text: string) {
    const begun = await send("POST", `/v2/${repository}/blobs/uploads/`);
    const place = new URL(begun.headers.get("location") ?? "", `http://${host}`);
    place.searchParams.set("digest", sha256(text));
    await send("PUT", `${place.pathname}${place.search}`, text);
    return { digest: sha256(text), size: text.length };
  }

  async function manifest(repository: string, tag: string | undefined, content: object, type: string) {
    const text = JSON.stringify({ schemaVersion: 2, mediaType: type, ...content });
    await send("PUT", `/v2/${repository}/manifests/${tag ?? sha256(text)}`, text, type);
    return { mediaType: type, digest: sha256(text), size: text.length };
  }

  async function image(repository: string, tag: string | undefined, platform: string, label: string) {
    const [os, architecture] = platform.split("/");
    const text = JSON.stringify({
      os,
      architecture,
      config: { Labels: { label } },
      rootfs: { type: "layers", diff_ids: [] },
    });
    const config = { mediaType: types.config, ...(await blob(repository, text)) };
    return manifest(repository, tag, { config, layers: [] }, types.manifest);
  }

  return {
    image: async (repository, tag, platform, label = "") => (await image(repository, tag, platform, label)).digest,
    index: async (repository, tag, platforms, label = "") => {
      const manifests = [];
      for (const platform of platforms) {
        const [os, architecture] = platform.split("/");
        manifests.push({ ...(await image(repository, undefined, platform, label)), platform: { os, architecture } });
      }
      return (await manifest(repository, tag, { manifests }, types.index)).digest;
    },
    chart: async (repository, version) => {
      const text = JSON.stringify({ name: repository.split("/").at(-1), version, apiVersion: "v2" });
      const config = { mediaType: "application/vnd.cncf.helm.config.v1+json", ...(await blob(repository, text)) };
      const archive = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
      const layers = [{ mediaType: archive, ...(await blob(repository, `archive of ${version}`)) }];
      return (await manifest(repository, version, { config, layers }, types.manifest)).digest;
    },
  };
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
