import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMPTY_LOCK, formatLock, type ImageLock } from "../../core/image-lock.js";
import { parseImage } from "../../rules/images/reference.js";
import { type Answer, compareLock } from "./compare.js";
import type { References, Wanted } from "./references.js";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const mediaType = "application/vnd.oci.image.index.v1+json";
const entry = (digit: string) => ({ digest: digest(digit), mediaType });
const lockOf = (images: Record<string, string>): ImageLock => ({
  ...EMPTY_LOCK,
  images: Object.fromEntries(Object.entries(images).map(([name, digit]) => [name, entry(digit)])),
});

const image = (reference: string, architectures: Record<string, string> = {}): Wanted => ({
  reference,
  target: { kind: "image", image: parseImage(reference)! },
  usedBy: ["Pod a"],
  architectures: new Map(Object.entries(architectures)),
});
const references = (...wanted: Wanted[]): References => ({ wanted, unlockable: [], pinned: 0 });
const options = { check: false, prune: false };
const check = { check: true, prune: false };

function compare(wanted: Wanted, lock: ImageLock, answer: Answer | undefined, how = options) {
  const { lines, lock: next } = compareLock(references(wanted), lock, new Map(answer && [[wanted, answer]]), how);
  return { lines: lines.map(({ usedBy, kind, reference, ...line }) => line), images: next.images };
}

describe("a name", () => {
  const nginx = image("nginx:1");
  const [empty, one] = [lockOf({}), lockOf({ "nginx:1": "1" })];

  it("is added, updated, or stays as it is", () => {
    expect(compare(nginx, empty, entry("1"))).toEqual({
      lines: [{ status: "added", digest: digest("1") }],
      images: one.images,
    });
    expect(compare(nginx, one, entry("2"))).toEqual({
      lines: [{ status: "updated", digest: digest("2"), previous: digest("1") }],
      images: { "nginx:1": entry("2") },
    });
    expect(compare(nginx, one, entry("1"))).toEqual({
      lines: [{ status: "locked", digest: digest("1") }],
      images: one.images,
    });
    expect(compare(nginx, one, undefined)).toEqual({
      lines: [{ status: "locked", digest: digest("1") }],
      images: one.images,
    });
  });

  it("is missing or moved when it is only checked, and nothing changes", () => {
    expect(compare(nginx, empty, entry("1"), check)).toEqual({
      lines: [{ status: "missing", digest: digest("1") }],
      images: {},
    });
    expect(compare(nginx, empty, undefined, check)).toEqual({ lines: [{ status: "missing" }], images: {} });
    expect(compare(nginx, one, entry("2"), check)).toEqual({
      lines: [{ status: "moved", digest: digest("2"), previous: digest("1") }],
      images: one.images,
    });
  });

  it("keeps its digest when the registry does not answer", () => {
    expect(compare(nginx, one, { failure: "down" })).toEqual({
      lines: [{ status: "failed", previous: digest("1"), message: "down" }],
      images: one.images,
    });
  });

  it("that is not made for the nodes that its pods select is locked, and told", () => {
    const wanted = image("nginx:1", { arm64: "Pod a", amd64: "Pod b" });
    const answer = { ...entry("1"), platforms: ["linux/amd64", "windows/arm64"] };
    expect(compare(wanted, empty, answer)).toEqual({
      lines: [
        { status: "added", digest: digest("1") },
        {
          status: "wrong-platform",
          digest: digest("1"),
          message: "is there for linux/amd64, windows/arm64, but Pod a selects nodes with kubernetes.io/arch: arm64",
        },
      ],
      images: one.images,
    });
    expect(compare(wanted, empty, entry("1")).lines).toHaveLength(1);
  });
});

describe("what a program does not use", () => {
  const lock = { ...lockOf({ "old:1": "1", "nginx:1": "2" }), charts: { "oci://r/old:1": entry("3") } };
  const unused = [
    { status: "unused", kind: "image", reference: "old:1", digest: digest("1"), usedBy: [] },
    { status: "unused", kind: "chart", reference: "oci://r/old:1", digest: digest("3"), usedBy: [] },
  ];

  it("stays, since another stack may, and is told", () => {
    const { lines, lock: next } = compareLock(references(image("nginx:1")), lock, new Map(), options);
    expect(next).toEqual(lock);
    expect(lines.slice(1)).toEqual(unused);
  });

  it("goes when it is asked for", () => {
    const pruned = compareLock(references(image("nginx:1")), lock, new Map(), { check: false, prune: true });
    expect(pruned.lock).toEqual(lockOf({ "nginx:1": "2" }));
    expect(pruned.lines.slice(1)).toEqual(unused);
  });
});

describe("whatever the registries say", () => {
  const names = ["a:1", "b:1", "c:1", "d:1"];
  const digits = fc.constantFrom("1", "2", "3");
  const locks = fc.dictionary(fc.constantFrom(...names), digits).map((each) => lockOf({ ...each }));
  const answers = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(digits.map(entry), fc.constant({ failure: "down" })),
  );

  it("locking twice is as good as once, and a check of it finds nothing but what failed", () => {
    fc.assert(
      fc.property(locks, answers, fc.boolean(), (lock, said, prune) => {
        const wanted = names.slice(0, 3).map((name) => image(name));
        const all = new Map(wanted.flatMap((each) => (said[each.reference] ? [[each, said[each.reference]!]] : [])));
        const once = compareLock(references(...wanted), lock, all, { check: false, prune });
        const twice = compareLock(references(...wanted), once.lock, all, { check: false, prune });
        expect(formatLock(twice.lock)).toBe(formatLock(once.lock));
        const { lines } = compareLock(references(...wanted), once.lock, all, check);
        const wrong = lines.filter(({ status }) => status === "moved" || status === "missing");
        // Not asked about and never locked.
        expect(wrong.every(({ reference }) => !said[reference!])).toBe(true);
      }),
    );
  });
});
