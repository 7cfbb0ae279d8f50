import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { program } from "../../policy/cel/index.js";
import { configCell } from "../../policy/check.js";
import { formatImage, fullName, hasDigest, isFrom, parseImage, tagOf } from "./reference.js";

const hex = "f".repeat(64);
const evaluateCel = (text: string, image: string, registries: readonly string[] = []) =>
  program(text)({ image, variables: configCell(registries) });

/** From TestReferenceParse and TestValidateReferenceName of github.com/distribution/reference, normalised. */
const accepted: readonly (readonly [string, string])[] = [
  ["nginx", "docker.io/library/nginx"],
  ["nginx:1", "docker.io/library/nginx:1"],
  ["test.com:5000", "docker.io/library/test.com:5000"],
  ["test.com/repo:tag", "test.com/repo:tag"],
  ["test:5000/repo", "test:5000/repo"],
  [`test:5000/repo:tag@sha256:${hex}`, `test:5000/repo:tag@sha256:${hex}`],
  ["localhost/x", "localhost/x"],
  ["localhost:5000/x", "localhost:5000/x"],
  ["index.docker.io/nginx", "docker.io/library/nginx"],
  ["index.docker.io/acme/x", "docker.io/acme/x"],
  ["docker.io/nginx:1", "docker.io/library/nginx:1"],
  ["docker.io/acme/x", "docker.io/acme/x"],
  ["acme/x", "docker.io/acme/x"],
  ["foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080"],
  ["Uppercase/lowercase:tag", "Uppercase/lowercase:tag"],
  ["lowercase:Uppercase", "docker.io/library/lowercase:Uppercase"],
  ["192.168.1.1:5000/repo:5050", "192.168.1.1:5000/repo:5050"],
  ["[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag"],
  ["xn--n3h.com/myimage:xn--n3h.com", "xn--n3h.com/myimage:xn--n3h.com"],
  ["b.gcr.io/test.example.com/my-app:test.example.com", "b.gcr.io/test.example.com/my-app:test.example.com"],
  [`${"a/".repeat(100)}a:tag`, `docker.io/${"a/".repeat(100)}a:tag`],
];

const refused = [
  "",
  ":justtag",
  `@sha256:${hex}`,
  `repo@sha256:${"f".repeat(34)}`,
  `validname@invaliddigest:${hex}`,
  `nginx@sha256:${"F".repeat(64)}`,
  "Uppercase:tag",
  "test:5000/Uppercase/lowercase:tag",
  `docker.io/${"a".repeat(256)}:tag`,
  "aa/asdf$$^/aa",
  "[fe80::1%eth0]:5000/repo",
  "nginx:",
  "nginx@latest",
  " nginx",
  hex,
];

describe("parseImage", () => {
  it.each(accepted)("reads %s as %s", (image, full) => {
    const reference = parseImage(image);
    expect(reference && formatImage(reference)).toBe(full);
  });

  it.each(refused)("refuses %j", (image) => {
    expect(parseImage(image)).toBeUndefined();
  });

  it("gives the parts of a name with a port, a tag and a digest", () => {
    expect(parseImage(`localhost:5000/a/b:1.2@sha256:${hex}`)).toEqual({
      registry: "localhost:5000",
      repository: "a/b",
      tag: "1.2",
      digest: `sha256:${hex}`,
    });
  });

  it("leaves a full name as it is", () => {
    fc.assert(
      fc.property(images, (image) => {
        const full = formatImage(parseImage(image)!);
        expect(formatImage(parseImage(full)!)).toBe(full);
      }),
    );
  });
});

const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
const host = fc.oneof(
  fc.constantFrom("docker.io", "index.docker.io", "localhost", "ghcr.io", "LOCAL", "[::1]:5000"),
  fc.tuple(word, fc.integer({ min: 1, max: 65535 })).map(([name, port]) => `${name}:${port}`),
);
const images = fc
  .tuple(
    fc.option(host, { nil: undefined }),
    fc.array(word, { minLength: 1, maxLength: 3 }),
    fc.option(fc.stringMatching(/^\w[\w.-]{0,5}$/), { nil: undefined }),
    fc.boolean(),
  )
  .map(
    ([registry, path, tag, pinned]) =>
      `${registry === undefined ? "" : `${registry}/`}${path.join("/")}${tag === undefined ? "" : `:${tag}`}${pinned ? `@sha256:${hex}` : ""}`,
  );

describe("the CEL texts", () => {
  it("complete names as parseImage does", () => {
    fc.assert(
      fc.property(images, (image) => {
        expect(evaluateCel(fullName("image"), image)).toBe(formatImage(parseImage(image)!));
      }),
    );
  });

  it("see the tags and digests that parseImage sees", () => {
    fc.assert(
      fc.property(images, (image) => {
        const { tag = "", digest } = parseImage(image)!;
        expect(evaluateCel(tagOf("image"), image)).toBe(tag);
        expect(evaluateCel(hasDigest("image"), image)).toBe(digest !== undefined);
      }),
    );
  });

  it.each([
    ["ghcr.io/acme/x:1", ["ghcr.io"], true],
    ["ghcr.io/acme/x:1", ["ghcr.io/acme"], true],
    ["ghcr.io/acme:1", ["ghcr.io/acme"], true],
    ["ghcr.io/acme", ["ghcr.io/acme"], true],
    [`ghcr.io/acme@sha256:${hex}`, ["ghcr.io/acme"], true],
    ["ghcr.io/acme-labs/x", ["ghcr.io/acme"], false],
    ["ghcr.io.evil.example/acme/x", ["ghcr.io"], false],
    ["localhost:5000/x", ["localhost"], false],
    ["localhost:5000/x", ["localhost:5000"], true],
    ["nginx", ["docker.io"], true],
    ["nginx", ["docker.io/library"], true],
    ["acme/x", ["docker.io/library"], false],
    ["index.docker.io/nginx", ["docker.io/library"], true],
    ["nginx", [], false],
  ])("find that %s is from %j: %s", (image, registries, expected) => {
    expect(evaluateCel(isFrom("image", "variables"), image, registries)).toBe(expected);
  });
});
