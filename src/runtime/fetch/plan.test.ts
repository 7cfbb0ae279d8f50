import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addSpan, bytesIn, frontierOf, isSpanList, planChunks, type Span } from "./plan.js";

const SIZE = 200;
const span = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]): Span => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const bytesAt = (spans: readonly Span[]) =>
  Array.from({ length: SIZE }, (_, at) => spans.some(({ start, end }) => start <= at && at < end));

describe("the bookkeeping of finished bytes", () => {
  test("holds exactly the bytes that were added, in any order and with any overlap", () => {
    fc.assert(
      fc.property(fc.array(span), (spans) => {
        const done = spans.reduce<Span[]>(addSpan, []);
        expect(bytesAt(done)).toEqual(bytesAt(spans));
        expect(isSpanList(done, SIZE)).toBe(true);
        expect(bytesIn(done)).toBe(bytesAt(spans).filter(Boolean).length);
        expect(frontierOf(done)).toBe([...bytesAt(spans), false].indexOf(false));
      }),
    );
  });

  test("refuses a sidecar with spans that overlap, are empty, lie outside or are no numbers", () => {
    for (const bad of [
      [
        { start: 0, end: 5 },
        { start: 4, end: 9 },
      ],
      [{ start: 3, end: 3 }],
      [{ start: 0, end: 201 }],
      [{ start: -1, end: 4 }],
      [{ start: "0", end: 4 }],
      [null],
      {},
    ]) {
      expect(isSpanList(bad, SIZE)).toBe(false);
    }
  });
});

describe("the chunk planner", () => {
  test("covers every missing byte once, no present byte, in order, in chunks of at most the given size", () => {
    fc.assert(
      fc.property(fc.array(span), fc.integer({ min: 1, max: 250 }), (spans, chunk) => {
        const done = spans.reduce<Span[]>(addSpan, []);
        const plan = planChunks(SIZE, chunk, done);
        expect(bytesIn(plan) + bytesIn(done)).toBe(SIZE);
        expect(plan.every(({ start, end }) => end > start && end - start <= chunk)).toBe(true);
        expect(plan.every(({ start }, index) => index === 0 || start >= plan[index - 1]!.end)).toBe(true);
        expect(plan.reduce<Span[]>(addSpan, done)).toEqual([{ start: 0, end: SIZE }]);
      }),
    );
  });

  test("plans nothing for an empty file", () => {
    expect(planChunks(0, 16, [])).toEqual([]);
  });
});
