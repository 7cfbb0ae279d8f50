import { z } from "zod";
import { allOf, anyOf, not } from "../cel.js";
import { changed, cpuPod } from "../examples.js";
import { defineObjectRule } from "../rule.js";
import { hasDigest, isFrom, tagOf } from "./reference.js";

/**
 * A registry's host, with the beginning of a path if need be. Full names only: `docker.io` for Docker Hub, where
 * official images live under `docker.io/library`.
 */
const registry = z
  .string()
  .regex(
    /^[^/\s:]+(:\d+)?(\/[^/\s:@]+)*$/,
    'must be a registry such as "ghcr.io" or "ghcr.io/acme", without https:// and without a / at its end',
  )
  .refine((name) => !/^index\.docker\.io(\/|$)/.test(name), 'Docker Hub is written "docker.io"');

const registries = (meaning: string) => z.array(registry).default([]).describe(meaning);

/** Tags that are moved to the next build by custom; a date or a version in a tag makes it another one. */
export const FLOATING_TAGS = ["latest", "main", "master", "nightly", "stable", "edge", "dev"] as const;

const pinned =
  "docker.io/nginxinc/nginx-unprivileged:1.30.5-alpine-slim@sha256:3af0c10d960cc2502427fe1219c52989d309e7d65596869c60a34fd2fa2406f0";

/** IMG001: images are pinned by digest. */
export const digestPinned = defineObjectRule({
  id: "IMG001",
  name: "digest-pinned",
  pack: "images",
  severity: "high",
  statement: "Every container image is pinned by its sha256 digest.",
  why: "A tag can be moved: the same manifest then runs other code tomorrow, on some nodes only, and no rollback brings the old one back.",
  source: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
  semantics:
    "Every image of every container (init, main, ephemeral) and every image text of a custom resource ends in @sha256: and 64 lower-case hexadecimal digits; a tag before it may stay. A container without an image is a finding, except in kinds whose operator fills it in (KServe predictors, injected sidecars). Images of the registries in `exemptRegistries` are not judged. Images given in parts (repository, tag and digest as fields of their own) are judged as the name that they make; where there is no field for a digest, as in a NIMService, it goes into the tag: 1.8.0@sha256:….",
  parameters: z.strictObject({
    exemptRegistries: registries(
      "Registries, or registries with the beginning of a path, whose images may go without a digest.",
    ),
  }),
  bad: changed(cpuPod, pinned, pinned.split("@")[0] ?? ""),
  good: cpuPod,
  checks: [
    {
      each: "image",
      expression: anyOf(hasDigest("image"), allOf('image != ""', isFrom("image", "variables.config.exemptRegistries"))),
      path: "",
      message: `image == "" ? "the container names no image" : image + " has no sha256 digest; allowed is name@sha256:<64 hexadecimal digits>"`,
    },
  ],
});

/** IMG002: no tag that moves by custom. */
export const noFloatingTag = defineObjectRule({
  id: "IMG002",
  name: "no-floating-tag",
  pack: "images",
  severity: "high",
  statement: "No image is named by a tag that moves, such as latest, or by no tag.",
  why: "A moving tag is a new program at every pull: two replicas of one Deployment can run different code, and what was tested is not what runs.",
  source: "https://kubernetes.io/docs/concepts/configuration/overview/#container-images",
  semantics:
    "An image without a digest has a tag, and the tag is not one of `tags` (compared exactly). The port of a registry is not a tag: localhost:5000/x has none, which means latest. An image with a digest passes whatever its tag says, since the digest decides. A missing image is left to IMG001.",
  parameters: z.strictObject({
    tags: z
      .array(z.string().min(1))
      .default([...FLOATING_TAGS])
      .describe("Tags that are moved from build to build."),
  }),
  bad: changed(cpuPod, pinned, "docker.io/nginxinc/nginx-unprivileged:latest"),
  good: cpuPod,
  otherFindings: ["IMG001"],
  checks: [
    {
      each: "image",
      when: allOf('image != ""', not('image.contains("@") && image.split("@")[1].contains(":")')),
      expression: `[${tagOf("image")}].all(tag, tag != "" && !(tag in variables.config.tags))`,
      path: "",
      message: `image + ([${tagOf("image")}].exists(tag, tag == "") ? " has no tag, which means latest" : " has a tag that moves") + "; allowed is the tag of a version, or a digest"`,
    },
  ],
});

/** IMG003: images come from the registries that are allowed. */
export const registryAllowlist = defineObjectRule({
  id: "IMG003",
  name: "registry-allowlist",
  pack: "images",
  severity: "medium",
  statement: "Images come from the registries that the configuration allows.",
  why: "An image from a registry that nobody watches is code that nobody scanned, and a public registry can be out of reach or limit pulls when a node needs it.",
  source: "https://github.com/distribution/reference/blob/main/normalize.go",
  semantics:
    "Off while `registries` is empty. Names are completed as runtimes do: without a registry docker.io, without a path docker.io/library, and index.docker.io is docker.io. An entry is a whole host (ghcr.io, localhost:5000) or a host with the beginning of a path, matched up to a slash, a tag or a digest (ghcr.io/acme matches ghcr.io/acme/x, not ghcr.io/acme-labs/x). A missing image is left to IMG001.",
  parameters: z.strictObject({
    registries: registries(
      "Allowed registries: hosts, or hosts with the beginning of a path. Empty: every registry is allowed.",
    ),
  }),
  bad: cpuPod,
  good: changed(cpuPod, "docker.io/nginxinc/", "registry.example.com/mirror/"),
  checks: [
    {
      each: "image",
      when: 'image != "" && size(variables.config.registries) > 0',
      expression: isFrom("image", "variables.config.registries"),
      path: "",
      message: `image + " is not from an allowed registry; allowed are " + variables.config.registries.join(", ")`,
    },
  ],
});
