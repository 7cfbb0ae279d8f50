import type { IncomingMessage } from "node:http";
import { writeInTurn } from "./disk.js";
import { diskError, fatal } from "./errors.js";

/** Bytes collected before they are written: few enough for 8 connections in a small memory, enough for large writes. */
const BATCH = 512 * 1024;
const MAX_BUFFERS = 512;

export interface Pumping {
  readonly fd: number;
  /** For messages. */
  readonly path: string;
  /** Where the body's first byte belongs in the file. */
  readonly position: number;
  /** Bytes the body may have at most. */
  readonly limit: number;
  /** Called after each write with the end of what is on disk. */
  readonly written: (end: number) => void;
}

/**
 * Writes a response's body into a file, one write at a time while the next batch is received. Settles once
 * nothing is being written: resolves with the bytes written when the body has ended, rejects with the
 * network's or the disk's fault (what came before a network fault is written first).
 */
export function pump(response: IncomingMessage, { fd, path, position, limit, written }: Pumping): Promise<number> {
  return new Promise((resolve, reject) => {
    let batch: Buffer[] = [];
    let waiting = 0;
    let received = 0;
    let at = position;
    let writing = false;
    let over = false;
    let fault: unknown;

    const full = () => waiting >= BATCH || batch.length >= MAX_BUFFERS;
    const end = (error?: unknown) => {
      if (over) return;
      over = true;
      fault = error;
      if (!writing) flush();
    };
    const flush = () => {
      if (waiting === 0) {
        if (over) settle();
        return;
      }
      writing = true;
      const buffers = batch;
      const size = waiting;
      batch = [];
      waiting = 0;
      write(buffers, size);
    };
    const write = (buffers: Buffer[], size: number) =>
      writeInTurn(fd, buffers, at, (error, count) => {
        if (error !== null) return stop(diskError(error, path));
        at += count;
        // A short write means that the disk is nearly full; the rest of it then fails with the reason.
        if (count < size) return write([Buffer.concat(buffers).subarray(count)], size - count);
        written(at);
        writing = false;
        if (over || full()) flush();
        if (response.isPaused()) response.resume();
      });
    const stop = (error: unknown) => {
      writing = false;
      waiting = 0;
      batch = [];
      over = true;
      fault = error;
      response.destroy();
      settle();
    };
    const settle = () => (fault === undefined ? resolve(at - position) : reject(fault));

    response.on("data", (data: Buffer) => {
      if (over) return;
      received += data.length;
      if (received > limit) {
        response.destroy();
        return end(fatal("the server sent more bytes than the object has"));
      }
      batch.push(data);
      waiting += data.length;
      if (!full()) return;
      if (writing) response.pause();
      else flush();
    });
    response.on("end", () => end());
    response.on("error", end);
    response.on("close", () => end(new Error("the connection was closed early")));
  });
}
