import type { IncomingHttpHeaders } from "node:http";
import { FetchError, fatal } from "./errors.js";
import type { Span } from "./plan.js";

/** What was asked for. */
export interface Question {
  /** For messages. */
  readonly name: string;
  readonly span: Span;
  /** Size of the whole object by the manifest, bytes. */
  readonly size: number;
  /** ETag or Last-Modified of the object that earlier bytes came from. */
  readonly validator: string | undefined;
}

/** What a successful answer brings: bytes from `start`, of an object with this validator. */
export interface Answer {
  readonly start: number;
  /** False when the server sent the whole object although a part was asked for. */
  readonly ranged: boolean;
  readonly validator: string | undefined;
}

/** Headers for a span; none when it is the whole object. If-Range turns a changed object into a whole answer. */
export function rangeHeaders({ span, size, validator }: Question): Record<string, string> {
  if (span.start === 0 && span.end === size) return {};
  return {
    range: `bytes=${span.start}-${span.end - 1}`,
    ...(validator === undefined ? {} : { "if-range": validator }),
  };
}

/** A strong ETag, else Last-Modified: what If-Range accepts. */
function validatorOf(headers: IncomingHttpHeaders): string | undefined {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith("W/") ? etag : headers["last-modified"];
}

/** Checks a 200 or 206 against what was asked for and what the manifest says. */
export function checkAnswer(status: number, headers: IncomingHttpHeaders, question: Question): Answer {
  const { name, span, size } = question;
  const validator = validatorOf(headers);
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity")
    throw fatal(`${name}: the server sends it as ${encoding}; store the object without content encoding`);
  if (question.validator !== undefined && validator !== undefined && validator !== question.validator) {
    throw new FetchError("changed", `${name} changed while it was being read`);
  }
  if (status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers["content-range"] ?? "") ?? [];
    if (Number(start) !== span.start)
      throw fatal(`${name}: the server answered with another range than the one asked for`);
    if (total !== "*") checkSize(name, Number(total), size);
    return { start: span.start, ranged: true, validator };
  }
  const length = headers["content-length"];
  if (length !== undefined) checkSize(name, Number(length), size);
  return { start: 0, ranged: span.start === 0 && span.end === size, validator };
}

function checkSize(name: string, found: number, size: number): void {
  if (found === size) return;
  throw fatal(`${name} has ${found} bytes, the manifest says ${size}; it is not the object that was pinned`);
}
