import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_LOCK, formatLock, type ImageLock, LOCK_FILE, lockedImage, parseLock, readLock } from "./image-lock.js";

const digest = `sha256:${"a".repeat(64)}`;
const mediaType = "application/vnd.oci.image.index.v1+json";
const lock: ImageLock = { version: 1, images: { "nginx:1.29": { digest, mediaType } }, charts: {} };

describe("a locked image", () => {
  it("keeps its name as it was written and gets the digest", () => {
    expect(lockedImage("nginx:1.29", lock)).toBe(`nginx:1.29@${digest}`);
  });

  it("is only the one that has exactly this name", () => {
    expect(["nginx", "docker.io/library/nginx:1.29", "constructor"].map((name) => lockedImage(name, lock))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("the lock file", () => {
  const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
  const entries = fc.dictionary(
    fc.stringMatching(/^[a-z0-9][a-z0-9./:_-]{0,19}$/),
    fc.record({ digest: hex.map((each) => `sha256:${each}`), mediaType: fc.constant(mediaType) }),
  );

  it("is read as it was written", () => {
    fc.assert(
      fc.property(entries, entries, (images, charts) => {
        const written: ImageLock = { version: 1, images: { ...images }, charts: { ...charts } };
        expect(parseLock(formatLock(written), LOCK_FILE)).toEqual(written);
      }),
    );
  });

  it("is the same text in whatever order names were found", () => {
    const entry = { digest, mediaType };
    const one = formatLock({ version: 1, images: { b: entry, a: entry, B: entry }, charts: {} });
    const other = formatLock({ version: 1, images: { B: entry, a: entry, b: { mediaType, digest } }, charts: {} });
    expect(one).toBe(other);
    expect(Object.keys((JSON.parse(one) as ImageLock).images)).toEqual(["B", "a", "b"]);
    expect(formatLock(EMPTY_LOCK)).toBe('{\n  "version": 1,\n  "images": {},\n  "charts": {}\n}\n');
  });

  it("needs no charts", () => {
    expect(parseLock('{"version":1,"images":{}}', LOCK_FILE)).toEqual(EMPTY_LOCK);
  });

  const mend = "Restore it from version control, or remove it and run plinth lock.";
  it.each([
    ["{", `f: it is not JSON. ${mend}`],
    ['{\n<<<<<<< HEAD\n"a": 1\n', `f: it holds a merge conflict. ${mend}`],
    ['{"version":2}', "f: it is of version 2, which a newer plinth wrote; this one reads version 1."],
    ['{"version":1}', `f: ["images"]: Invalid input: expected record, received undefined. ${mend}`],
    [
      '{"version":1,"images":{"a":{"digest":"sha256:1","mediaType":"t"}}}',
      `f: ["images"]["a"]["digest"]: must be sha256: and 64 hexadecimal digits. ${mend}`,
    ],
    [
      `{"version":1,"images":{"a@${digest}":{"digest":"${digest}","mediaType":"t"}}}`,
      expect.stringMatching(/^f: \["images"\]\["a@sha256:.*"\]: .*Restore/),
    ],
  ])("is refused when it is %s", (text, message) => {
    expect(() => parseLock(text, "f")).toThrow(expect.objectContaining({ message }));
  });

  it("is that of the folder, and may be missing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plinth-lock-"));
    try {
      expect(readLock(folder)).toBeUndefined();
      await writeFile(join(folder, LOCK_FILE), formatLock(lock));
      expect(readLock(folder)).toEqual(lock);
      expect(() => readLock(join(folder, LOCK_FILE))).toThrow(/plinth\.lock\.json cannot be read \(ENOTDIR\)\.$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
