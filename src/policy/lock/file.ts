import { EMPTY_LOCK, type ImageLock, readLock } from "../../core/image-lock.js";
import { InputError } from "../../graph/model.js";

export { formatLock, type ImageLock, LOCK_FILE, lockedImage } from "../../core/image-lock.js";

/**
 * The lock of a program or of manifests, by its folder; an empty one when there is none.
 *
 * @throws InputError that names the file and what is wrong with it.
 */
export function lockOf(folder: string): ImageLock {
  try {
    return readLock(folder) ?? EMPTY_LOCK;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}
