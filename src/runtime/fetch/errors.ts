/**
 * What became of a request or a step:
 * - `usage`: the arguments or the environment are wrong (exit status 2)
 * - `fatal`: trying again cannot help
 * - `transient`: a network fault, worth another attempt
 * - `changed`: the object is no longer the one the earlier parts were read from
 */
export type Kind = "usage" | "fatal" | "transient" | "changed";

/** A fault in words for the user; the message never holds a token, a key or a query string. */
export class FetchError extends Error {
  override readonly name = "FetchError";

  constructor(
    readonly kind: Kind,
    message: string,
    /** Milliseconds the server asked us to wait (Retry-After). */
    readonly retryAfter?: number,
    readonly status?: number,
  ) {
    super(message);
  }
}

export const usage = (message: string) => new FetchError("usage", message);
export const fatal = (message: string) => new FetchError("fatal", message);

/** The `code` of a system error (`ENOSPC`, `ECONNRESET`), else an empty string. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Disk faults said in words; anything else is passed on. */
export function diskError(error: unknown, path: string): unknown {
  const why = {
    ENOSPC: "the disk is full; give the volume (emptyDir sizeLimit, PVC size, ephemeral-storage limit) more room",
    EDQUOT: "the disk quota is used up; give the volume more room",
    EFBIG: "the file system does not allow files of this size",
    EROFS: "the file system is read-only; mount a writable volume there",
    EACCES: "permission denied; let the container's user write there (securityContext.fsGroup)",
    EPERM: "permission denied; let the container's user write there (securityContext.fsGroup)",
    EEXIST: "a file is where a directory belongs; remove it",
    ENOTDIR: "a part of the path is a file, not a directory; empty the directory and run again",
    EISDIR: "a directory is where a file belongs; empty the directory and run again",
    EIO: "the disk reports an I/O error",
  }[codeOf(error)];
  return why === undefined ? error : fatal(`cannot write ${path}: ${why}`);
}
