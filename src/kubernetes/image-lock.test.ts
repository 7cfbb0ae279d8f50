import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EMPTY_LOCK, formatLock, type ImageLock, LOCK_FILE } from "../core/image-lock.js";
import { locked, programLock } from "./image-lock.js";
import { defaultImage, IMAGES } from "./images.js";

const digest = `sha256:${"b".repeat(64)}`;
const triton = `${IMAGES.triton.image}:${IMAGES.triton.tag}`;
const entry = { digest, mediaType: "application/vnd.oci.image.index.v1+json" };
const lock: ImageLock = { version: 1, images: { [triton]: entry, "acme/model:1": entry }, charts: {} };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plinth-program-"));
  mkdirSync(join(folder, "app/src"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the lock of a program", () => {
  it("lies beside the nearest Pulumi.yaml at or above the folder in which it runs", () => {
    writeFileSync(join(folder, LOCK_FILE), formatLock(lock));
    expect(programLock(join(folder, "app/src"))).toEqual(EMPTY_LOCK);
    writeFileSync(join(folder, "Pulumi.yaml"), "name: p\nruntime: nodejs\nmain: app\n");
    expect(programLock(join(folder, "app/src"))).toEqual(lock);
    expect(programLock(folder)).toEqual(lock);
    writeFileSync(join(folder, "app/Pulumi.yml"), "name: q\nruntime: nodejs\n");
    expect(programLock(join(folder, "app/src"))).toEqual(EMPTY_LOCK);
  });

  it("stops the program when it cannot be read", () => {
    writeFileSync(join(folder, "Pulumi.yaml"), "");
    writeFileSync(join(folder, LOCK_FILE), "<<<<<<< HEAD\n");
    expect(() => programLock(folder)).toThrow(/plinth\.lock\.json: it holds a merge conflict\./);
  });
});

describe("an image", () => {
  it("gets the digest of the lock, and stays as it is without one", () => {
    expect(locked("acme/model:1", lock)).toBe(`acme/model:1@${digest}`);
    expect(locked("acme/model:2", lock)).toBe("acme/model:2");
    expect(locked(`acme/model:1@${entry.digest}`, lock)).toBe(`acme/model:1@${digest}`);
  });

  it("that is the default has its own digest where that serves the nodes, else the lock's", () => {
    expect(defaultImage(IMAGES.triton, lock, "amd64").image).toBe(`${triton}@${IMAGES.triton.digest}`);
    expect(defaultImage(IMAGES.triton, lock, "arm64")).toEqual({ image: `${triton}@${digest}` });
    expect(defaultImage(IMAGES.triton, EMPTY_LOCK, "arm64")).toEqual({ image: triton });
  });
});
