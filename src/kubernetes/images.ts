import type * as pulumi from "@pulumi/pulumi";
import type { ImageLock } from "../core/image-lock.js";
import { locked } from "./image-lock.js";

/** A container image that Plinth uses when the user names none. */
export interface DefaultImage {
  readonly image: string;
  readonly tag: string;
  /** The digest published for the tag; absent when none is known, and then the default is the tag alone. */
  readonly digest?: string;
  /** Architectures the digest is known to serve. `amd64` alone: a single-platform manifest, or nothing was stated. */
  readonly architectures: readonly ("amd64" | "arm64")[];
}

/**
 * Default images. Digests are those published in public manifests and lock files, collected 2026-11; `node` and `vllm`
 * were seen in several independent places, `triton` in one, where it was stated to be the linux/amd64 manifest.
 */
export const IMAGES = {
  node: {
    image: "docker.io/library/node",
    tag: "24.21.0-bookworm-slim",
    digest: "sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6",
    architectures: ["amd64", "arm64"],
  },
  triton: {
    image: "nvcr.io/nvidia/tritonserver",
    tag: "26.07-py3",
    digest: "sha256:551599c0812bb706121410a71abda07f9920d25e6c66edf1ec07a375e49f5f90",
    architectures: ["amd64"],
  },
  vllm: {
    image: "docker.io/vllm/vllm-openai",
    tag: "v0.30.0",
    digest: "sha256:8a69ffad015f138d7170c4ddc429e230a3bc1c1719f67e14324749df200a4b90",
    architectures: ["amd64"],
  },
} as const satisfies Record<string, DefaultImage>;

/** An image chosen for a pod, and the architecture its nodes must have for it. */
export interface ChosenImage {
  readonly image: pulumi.Input<string>;
  /** Node label `kubernetes.io/arch` the pod must select; absent when the image runs on every architecture. */
  readonly architecture?: "amd64" | "arm64";
}

/**
 * The default image for nodes of an architecture. The digest is used where it serves that architecture; otherwise the
 * tag, with the digest that the lock has for it.
 *
 * @param architecture That of the nodes, when it is known.
 */
export function defaultImage(
  entry: DefaultImage,
  lock: ImageLock,
  architecture: "amd64" | "arm64" | undefined,
): ChosenImage {
  const tagged = `${entry.image}:${entry.tag}`;
  if (!entry.digest || (architecture && !entry.architectures.includes(architecture))) {
    return { image: locked(tagged, lock) };
  }
  const pinned = `${tagged}@${entry.digest}`;
  const [only, ...others] = entry.architectures;
  return others.length === 0 && only ? { image: pinned, architecture: only } : { image: pinned };
}
