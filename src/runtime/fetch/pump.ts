import { writeSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { diskError, fatal } from "./errors.js";

/** Bytes between two calls of `written`: the books and the hashing thread need not hear of every packet. */
const STEP = 1024 * 1024;
/** Bytes in one write: among 16, 64 and 512 KiB the one whose kernel time varied least from run to run in bench/fetch.mjs. */
const SLICE = 16 * 1024;

export interface Pumping {
  readonly fd: number;
  /** For messages. */
  readonly path: string;
  /** Where the body's first byte belongs in the file. */
  readonly position: number;
  /** Bytes the body may have at most. */
  readonly limit: number;
  /** Called now and then, and before the end, with the end of what has been written. */
  readonly written: (end: number) => void;
}

/**
 * Writes a response's body into a file as it arrives. Resolves with the bytes written when the body has
 * ended, rejects with the network's or the disk's fault; what came before a fault is written and reported.
 *
 * The writes are synchronous: in bench/fetch.mjs that costs less processor time than collecting batches
 * for another thread, and a disk that cannot follow holds back the connections by itself.
 */
export function pump(response: IncomingMessage, { fd, path, position, limit, written }: Pumping): Promise<number> {
  return new Promise((resolve, reject) => {
    let at = position;
    let told = position;
    let over = false;

    const tell = () => {
      if (at > told) written(at);
      told = at;
    };
    const end = (fault?: unknown) => {
      if (over) return;
      over = true;
      tell();
      if (fault === undefined) return resolve(at - position);
      reject(fault);
      response.destroy();
    };

    response.on("data", (data: Buffer) => {
      if (over) return;
      if (at + data.length > position + limit) return end(fatal("the server sent more bytes than the object has"));
      try {
        at += writeWhole(fd, data, at);
      } catch (error) {
        return end(diskError(error, path));
      }
      if (at >= told + STEP) tell();
    });
    response.on("end", () => end());
    response.on("error", end);
    response.on("close", () => end(new Error("the connection was closed early")));
  });
}

/** A short write means that the disk is nearly full; writing the rest then fails with the reason. */
function writeWhole(fd: number, data: Buffer, position: number): number {
  let count = 0;
  while (count < data.length)
    count += writeSync(fd, data, count, Math.min(SLICE, data.length - count), position + count);
  return count;
}
