import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../graph/model.js";
import { both, either, every, given, is, isUndecided, not, read, same, some, type Truth } from "./truth.js";

const open = { undecided: "urn.x" };
const unknown: Value = { $unknown: "urn.x" };

describe("three values", () => {
  it("give a definite answer whenever there is one, in both orders", () => {
    expect([both(true, open), both(open, true), both(false, open), both(open, false), both()]).toEqual([
      open,
      open,
      false,
      false,
      true,
    ]);
    expect([either(true, open), either(open, true), either(false, open), either(open, false), either()]).toEqual([
      true,
      true,
      open,
      open,
      false,
    ]);
    expect([not(true), not(false), not(open)]).toEqual([false, true, open]);
  });

  it("never give an answer that deciding the open ones would change", () => {
    const truths = fc.array(fc.constantFrom<Truth>(true, false, open), { maxLength: 5 });
    fc.assert(
      fc.property(truths, fc.infiniteStream(fc.boolean()), (list, decisions) => {
        const decided = list.map((truth) => (isUndecided(truth) ? decisions.next().value : truth));
        const [all, any] = [both(...list), either(...list)];
        if (!isUndecided(all)) expect(decided.every((truth) => truth === true)).toBe(all);
        if (!isUndecided(any)) expect(decided.some((truth) => truth === true)).toBe(any);
        if (isUndecided(all)) expect(list.includes(false)).toBe(false);
        if (isUndecided(any)) expect(list.includes(true)).toBe(false);
      }),
    );
  });

  it("of lists: unknown ones are undecided, absent ones are empty", () => {
    const isOne = (value: Value) => is(value, 1);
    expect([
      every([1, unknown], isOne),
      every([2, unknown], isOne),
      every(unknown, isOne),
      every(undefined, isOne),
    ]).toEqual([open, false, open, true]);
    expect([some([1, unknown], isOne), some([2, unknown], isOne), some(unknown, isOne), some("x", isOne)]).toEqual([
      true,
      open,
      open,
      false,
    ]);
  });
});

describe("reading", () => {
  it("gives the value, undefined where it is absent, and the unknown that stands on the way", () => {
    const object: Value = { a: { b: [{ c: 1 }] }, u: unknown, s: { $secret: "urn.s" } };
    expect(read(object, ["a", "b", 0, "c"])).toBe(1);
    expect(read(object, ["a", "x", "c"])).toBeUndefined();
    expect(read(object, ["toString"])).toBeUndefined();
    expect(read(object, ["u", "b", "c"])).toBe(unknown);
    expect(given(read(object, ["s"]), () => true)).toEqual({ undecided: "urn.s" });
    expect([same(1, 1), same(1, "1"), same(unknown, 1), same(1, unknown)]).toEqual([true, false, open, open]);
  });
});
