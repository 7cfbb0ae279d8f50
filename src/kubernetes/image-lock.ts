import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { EMPTY_LOCK, type ImageLock, lockedImage, readLock } from "../core/image-lock.js";
import { mapInput } from "../core/late.js";

/**
 * What `plinth lock` wrote beside the Pulumi.yaml of the running program; an empty lock when it wrote nothing.
 *
 * @param folder where the program runs: Pulumi's engine starts it in the folder of Pulumi.yaml, or in one below it that
 *   `main` names. @default the current folder
 * @throws Error that names the file and what is wrong with it.
 */
export function programLock(folder: string = process.cwd()): ImageLock {
  const isProject = ["Pulumi.yaml", "Pulumi.yml"].some((name) => existsSync(join(folder, name)));
  if (isProject) return readLock(folder) ?? EMPTY_LOCK;
  return dirname(folder) === folder ? EMPTY_LOCK : programLock(dirname(folder));
}

/** The image with the digest that the lock has for its name; as it is when there is none. */
export function locked(image: pulumi.Input<string>, lock: ImageLock): pulumi.Input<string> {
  return mapInput(image, (name) => lockedImage(name, lock) ?? name);
}
