import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Properties, Value } from "../../graph/model.js";
import { environment } from "./environment.js";
import { type Cell, converter, Failure, forList, program, type Result, Unknown } from "./index.js";

const unknown = (at: string): Value => ({ $unknown: `urn.${at}` });

/** What a text gives for an object: a value, `unknown PATH` or `error`. */
function evaluate(text: string, object: Properties = {}): unknown {
  return shown(program(text)({ object: converter()(object, "") }));
}

function shown(result: Result): unknown {
  if (result instanceof Unknown) return `unknown ${result.path}`;
  if (result instanceof Failure) return "error";
  return plain(result);
}

function plain(cell: Cell): unknown {
  if (cell instanceof Map) return Object.fromEntries([...cell].map(([key, value]) => [key, shown(value as Cell)]));
  return Array.isArray(cell) ? cell.map(shown) : cell;
}

describe("what is known", () => {
  it.each([
    ["1 + 2 * 3 - 4 / 3 % 2", 6n],
    ["7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1", true],
    ["1 == 1.0 && 1 < 1.5 && 2.5 > 2", true],
    ['dyn("a") == 1 || dyn([1]) == dyn(["a"])', false],
    ["9223372036854775807 + 1", "error"],
    ["1 / 0", "error"],
    ["1 % 0", "error"],
    ["1 + 1.0", "error"],
    ['["a", "b"] + ["c"] == ["a", "b", "c"]', true],
    ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
    ['"b" in ["a", "b"] && "a" in {"a": 1} && !("c" in {"a": 1})', true],
    ["[1, 2, 3].map(x, x > 1, x * 2) == [4, 6] && [1, 2].filter(x, x > 1) == [2]", true],
    ["[1, 2].exists_one(x, x == 1) && ![1, 1].exists_one(x, x == 1)", true],
    ['{"a": 1}.all(k, k == "a")', true],
    ["[[1, 2], [3]].exists(x, x.exists(y, y == 3 && size(x) == 1))", true],
    ['true ? "a" : "b"', "a"],
    ["true && 1", "error"],
    ["type(1) == int && type(1.5) == double && type([]) == list && type({}) == map && type(null) == null_type", true],
    ['size("größe") == 5 && "größe".substring(3) == "ße" && "größe".indexOf("e") == 4', true],
    ['"a/b:c".split("/")', ["a", "b:c"]],
    ['"a,b,c".split(",", 2)', ["a", "b,c"]],
    ['"aXbX".replace("X", "$&").lowerAscii()', "a$&b$&"],
    ['" a\t".trim() + "ÄB".lowerAscii()', "aÄb"],
    ['"abc".substring(1, 2) + "abc".upperAscii()', "bABC"],
    ['"abc".substring(4)', "error"],
    ['"Hf_Token".matches("(?i)token$") && !"x".matches("^[[:digit:]]+$")', true],
    ['"a".matches("(?=a)")', "error"],
    ['["a", "b"].join("-")', "a-b"],
    ["[1, 2, 3].sum() + [3, 1].min() + [1, 3].max() + [].sum()", 10n],
    ["[].max()", "error"],
    ['dyn(["a"]).sum()', "error"],
    ["[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(5) == -1", true],
    ['int("12") + int(1.9) + int("-3")', 10n],
    ['int("1.5")', "error"],
    ['int("25%")', "error"],
    ["string(1) + string(true) + string(1.5)", "1true1.5"],
    ['double("0.5") < 1', true],
    ['quantity("1Gi").isGreaterThan(quantity("1G")) && quantity("500m").isLessThan(quantity("1"))', true],
    ['quantity("1024Mi").compareTo(quantity("1Gi")) == 0 && quantity("1") == quantity("1000m")', true],
    ['quantity("1500m").add(quantity("0.5")).compareTo(quantity("2"))', 0n],
    ['quantity("2").sub(1).asInteger() + quantity("2").add(1).asInteger()', 4n],
    ['isQuantity("16Gi") && !isQuantity("16GiB") && !isQuantity("")', true],
    ['quantity("ten")', "error"],
    ["object.constructor", "error"],
    ["constructor", "error"],
  ])("%s", (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  // The values are those of resource.Quantity.AsInt64 of apimachinery 0.36.3.
  it.each([
    ["0", 0n],
    ["4", 4n],
    ["007", 7n],
    ["-3", -3n],
    ["4k", 4000n],
    ["4e3", 4000n],
    ["2Gi", 2147483648n],
    ["4000m", undefined],
    ["1.0", undefined],
    ["1.5Gi", undefined],
    ["0.5k", 500n],
    ["1Ei", undefined],
    ["100000000000G", undefined],
    ["1234567890123456789", undefined],
  ])("quantity(%j).asInteger() is what Kubernetes gives", (text, expected) => {
    expect(evaluate(`quantity("${text}").isInteger()`)).toBe(expected !== undefined);
    expect(evaluate(`quantity("${text}").asInteger()`)).toBe(expected ?? "error");
  });

  it("reads whole numbers of JSON as ints, leaves out null, and takes no field of JavaScript for one of the object", () => {
    expect(evaluate("object.replicas + 1", { replicas: 2 })).toBe(3n);
    expect(evaluate("object.ratio * 2.0", { ratio: 0.25 })).toBe(0.5);
    expect(evaluate("has(object.limits)", { limits: null })).toBe(false);
    expect(evaluate("has(object.toString)", {})).toBe(false);
    expect(evaluate('"a" in object.labels', { labels: JSON.parse('{"__proto__": {"a": 1}}') })).toBe(false);
  });

  it("is told apart from what is absent", () => {
    expect(evaluate("has(object.spec.a)", { spec: {} })).toBe(false);
    expect(evaluate("has(object.spec.a)", {})).toBe("error");
    expect(evaluate("object.spec.a", { spec: {} })).toBe("error");
    expect(evaluate("object.list[1]", { list: [1] })).toBe("error");
  });

  it("ends although a text loops over loops", () => {
    const list = Array.from({ length: 200 }, (_, at) => at);
    expect(
      evaluate("object.l.all(a, object.l.all(b, object.l.all(c, object.l.all(d, a + b + c + d >= 0))))", { l: list }),
    ).toBe("error");
  });
});

describe("an unknown", () => {
  it.each<[string, Properties, unknown]>([
    ["object.a || object.b", { a: unknown("a"), b: true }, true],
    ["object.a || object.b", { a: true, b: unknown("b") }, true],
    ["object.a || object.b", { a: unknown("a"), b: false }, "unknown a"],
    ["object.a && object.b", { a: unknown("a"), b: false }, false],
    ["object.a && object.b", { a: false, b: unknown("b") }, false],
    ["object.a && object.b", { a: true, b: unknown("b") }, "unknown b"],
    ["object.a.b.c == 1", { a: unknown("a") }, "unknown a"],
    ["has(object.a)", { a: unknown("a") }, "unknown a"],
    ["has(object.a.b)", { a: unknown("a") }, "unknown a"],
    ["object.l.exists(x, x == 2)", { l: [unknown("l"), 2] }, true],
    ["object.l.exists(x, x == 2)", { l: [2, unknown("l")] }, true],
    ["object.l.exists(x, x == 2)", { l: [1, unknown("l")] }, "unknown l[1]"],
    ["object.l.all(x, x == 2)", { l: [unknown("l"), 1] }, false],
    ["object.l.all(x, x == 2)", { l: [2, unknown("l")] }, "unknown l[1]"],
    ["object.l.exists(x, x.name == 'b')", { l: [{ name: unknown("n") }, { name: "b" }] }, true],
    ["object.l.exists_one(x, x == 2)", { l: [2, 2, unknown("l")] }, false],
    ["object.l.exists_one(x, x == 2)", { l: [2, unknown("l")] }, "unknown l[1]"],
    ["size(object.l)", { l: [1, unknown("l")] }, 2n],
    ["object.l[0]", { l: [1, unknown("l")] }, 1n],
    ["2 in object.l", { l: [unknown("l"), 2] }, true],
    ["3 in object.l", { l: [unknown("l"), 2] }, "unknown l[0]"],
    ["'b' in object.m", { m: { a: unknown("a"), b: 1 } }, true],
    ["'c' in object.m", { m: { a: unknown("a"), b: 1 } }, false],
    ["'a' in object.m", { m: { a: unknown("a") } }, "unknown m.a"],
    ["object.m.exists(k, k == 'b')", { m: { a: unknown("a"), b: 1 } }, true],
    ["object.l == [1, 3]", { l: [unknown("l"), 2] }, false],
    ["object.l == [1, 2]", { l: [unknown("l"), 2] }, "unknown l[0]"],
    ["object.a != 1", { a: unknown("a") }, "unknown a"],
    ["(object.l + [2]).exists(x, x == 2)", { l: [unknown("l")] }, true],
    ["object.l.map(x, x.n).exists(n, n == 2)", { l: [{ n: unknown("n") }, { n: 2 }] }, true],
    ["object.l.filter(x, x > 1).exists(n, n == 2)", { l: [unknown("l"), 2] }, "unknown l[0]"],
    ["object.a ? false : false", { a: unknown("a") }, false],
    ["object.a ? true : false", { a: unknown("a") }, "unknown a"],
    ["object.a + 1 > 1", { a: unknown("a") }, "unknown a"],
    ['object.a.startsWith("x") || true', { a: unknown("a") }, true],
    ["object.a || object.missing", { a: unknown("a") }, "unknown a"],
    ["object.missing || object.a", { a: unknown("a") }, "unknown a"],
  ])("%s for %j", (text, object, expected) => {
    expect(evaluate(text, object)).toEqual(expected);
  });

  it("names the place that makes it, and says of a secret that it is there", () => {
    const object = {
      a: { $unknown: "urn:x.endpoint" },
      s: { $secret: "urn:y.s" },
      u: { $secret: { $unknown: "urn:z.u" } },
    };
    const cell = converter()(object, "");
    expect(program("object.a")({ object: cell })).toEqual(new Unknown("a", "urn:x.endpoint", false));
    expect(evaluate("has(object.s)", object)).toBe(true);
    expect(evaluate("'s' in object", object)).toBe(true);
    expect(evaluate('object.s == "x"', object)).toBe("unknown s");
    expect(evaluate("has(object.u)", object)).toBe("unknown u");
    const open = converter(new Map([["urn:y.s", "x"]]))(object, "");
    expect(program('object.s == "x"')({ object: open })).toBe(true);
  });

  const leaf = fc.constantFrom<Value>(true, false, 0, 1, 2, "a", "b");
  const list = fc.array(leaf, { maxLength: 3 });
  const objects = fc.record({
    a: leaf,
    b: leaf,
    l: list,
    m: fc.dictionary(fc.constantFrom("a", "b"), leaf, { noNullPrototype: true }),
  });
  const { test } = fc.letrec<{ test: string; value: string }>((tie) => ({
    value: fc.constantFrom(
      "object.a",
      "object.b",
      "object.l[0]",
      "object.m.a",
      "1",
      '"a"',
      "size(object.l)",
      "object.l.filter(x, x != 1).size()",
      "x",
    ),
    test: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        "true",
        "object.a",
        "has(object.m.a)",
        '"a" in object.m',
        "1 in object.l",
        "object.l == [1, 2]",
        'object.m == {"a": 1}',
      ),
      fc
        .tuple(tie("value"), fc.constantFrom("==", "!=", "<", "in"), tie("value"))
        .map(([a, op, b]) => `(${a} ${op} ${op === "in" ? "object.l" : b})`),
      fc.tuple(tie("test"), fc.constantFrom("&&", "||"), tie("test")).map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie("test").map((a) => `!(${a})`),
      fc
        .tuple(fc.constantFrom("all", "exists", "exists_one"), tie("test"))
        .map(([loop, a]) => `object.l.${loop}(x, ${a})`),
      fc.tuple(tie("test"), tie("test"), tie("test")).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(tie("test"), tie("test")).map(([a, b]) => `object.l.map(x, ${a}).exists(x, x == (${b}))`),
    ),
  }));

  /** The objects that an object with an unknown at this leaf may turn out to be. */
  const values: readonly Value[] = [true, false, 0, 1, 2, "a"];
  const places = (object: Properties): string[][] =>
    Object.entries(object).flatMap(([key, value]) =>
      typeof value === "object" && value !== null ? Object.keys(value).map((at) => [key, at]) : [[key]],
    );
  const put = (object: Properties, [key = "", at]: readonly string[], value: Value): Properties => {
    if (at === undefined) return { ...object, [key]: value };
    const inner = object[key] as Properties | readonly Value[];
    return {
      ...object,
      [key]: Array.isArray(inner)
        ? inner.map((item, index) => (String(index) === at ? value : item))
        : { ...inner, [at]: value },
    };
  };

  it("never makes an answer that a value of it would change, for any text and object", () => {
    fc.assert(
      fc.property(test, objects, fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }), (text, object, picks) => {
        const all = places(object);
        const chosen = [...new Set(picks.map((pick) => pick % all.length))].map((at) => all[at] ?? []);
        const open = chosen.reduce((made, place) => put(made, place, unknown(place.join("."))), object as Properties);
        const answer = evaluate(text, open);
        if (typeof answer !== "boolean") return;
        const closed = chosen.reduce<Properties[]>(
          (made, place) => made.flatMap((each) => values.map((value) => put(each, place, value))),
          [object],
        );
        for (const each of closed) {
          const certain = evaluate(text, each);
          // A value of a wrong type may make an error of what was absorbed.
          if (certain !== "error") expect([text, each, certain]).toEqual([text, each, answer]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("makes no difference where there is none: what is known is as the library evaluates it", () => {
    fc.assert(
      fc.property(test, objects, (text, object) => {
        fc.pre(environment.check(text).valid);
        const json = JSON.parse(JSON.stringify(object)) as Properties;
        expect([text, json, evaluate(text, json)]).toEqual([text, json, byLibrary(text, json)]);
      }),
      { numRuns: 500 },
    );
  });
});

function byLibrary(text: string, object: Properties): unknown {
  const ints = (value: unknown): unknown => {
    if (typeof value === "number") return BigInt(value);
    if (Array.isArray(value)) return value.map(ints);
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ints(item)]))
      : value;
  };
  try {
    return environment.parse(text)({ object: ints(object) });
  } catch {
    return "error";
  }
}

describe("the name of a container's list", () => {
  it("stands for a text, but not in texts, fields, functions and longer names", () => {
    expect(forList('list == "list" && a.list && list(1) && mylist && list_ && (list)', "initContainers")).toBe(
      '"initContainers" == "list" && a.list && list(1) && mylist && list_ && ("initContainers")',
    );
  });
});
