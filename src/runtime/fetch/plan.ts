/** Bytes `start` (inclusive) to `end` (exclusive) of a file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Adds a span to a sorted list of disjoint spans; touching ones are joined. */
export function addSpan(done: readonly Span[], span: Span): Span[] {
  if (span.end <= span.start) return [...done];
  const before = done.filter(({ end }) => end < span.start);
  const after = done.filter(({ start }) => start > span.end);
  const joined = done.slice(before.length, done.length - after.length);
  const start = Math.min(span.start, ...joined.map((other) => other.start));
  const end = Math.max(span.end, ...joined.map((other) => other.end));
  return [...before, { start, end }, ...after];
}

/** What is left to read of a file of `size` bytes, cut into spans of at most `chunk` bytes, in order. */
export function planChunks(size: number, chunk: number, done: readonly Span[]): Span[] {
  const starts = [0, ...done.map(({ end }) => end)];
  const ends = [...done.map(({ start }) => start), size];
  return starts.flatMap((start, index) => cut({ start, end: ends[index]! }, chunk));
}

function cut({ start, end }: Span, chunk: number): Span[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / chunk)) }, (_, index) => ({
    start: start + index * chunk,
    end: Math.min(end, start + (index + 1) * chunk),
  }));
}

/** Bytes from the file's beginning without a hole: what can already be hashed. */
export const frontierOf = (done: readonly Span[]): number => (done[0]?.start === 0 ? done[0].end : 0);

/** The number of bytes in a list of disjoint spans. */
export const bytesIn = (spans: readonly Span[]): number => spans.reduce((sum, { start, end }) => sum + end - start, 0);

/** True for a sorted list of disjoint, non-empty spans within a file of `size` bytes: what a sidecar must hold. */
export function isSpanList(value: unknown, size: number): value is Span[] {
  if (!Array.isArray(value)) return false;
  let last = -1;
  return value.every((span: unknown) => {
    if (typeof span !== "object" || span === null || !("start" in span) || !("end" in span)) return false;
    const { start, end } = span;
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return false;
    const ok = Number(start) > last && Number(end) > Number(start) && Number(end) <= size;
    last = Number(end);
    return ok;
  });
}
