import { describe, expect, it } from "vitest";
import { rules } from "../../rules/index.js";
import { forList } from "./environment.js";
import { checkCelSubset } from "./subset.js";

describe("checkCelSubset", () => {
  it.each([
    ["object.spec.replicas > 1", []],
    ["has(object.spec) &&\n  foo.bar", [[2, 3, /^foo is not a variable: there are object, /]]],
    ["object.?spec.replicas", [[1, 8, /./]]],
    ["object.spec.replicas >", [[1, 23, /./]]],
    ["matches(object.a)", [[1, 1, "matches() is not supported"]]],
    ["object.a.reverse() == object.b", [[1, 1, ".reverse() is not supported"]]],
    ['has(object["a"])', [[1, 1, /^has\(\) takes a field/]]],
    ['object.a.matches("(?=x)")', [[1, 1, '"(?=x)" is not a regular expression of RE2']]],
    ['object.a in ["x", 1]', [[1, 13, /of one type/]]],
    ["b'abc' == object.a", [[1, 1, "bytes and unsigned numbers are not supported"]]],
    ['"a" + 1 == object.a', [[1, 1, /./]]],
    ["object.l.all(x, x == 1) && x == 1", [[1, 28, /^x is not a variable/]]],
    ["timestamp(object.a) > object.b", [[1, 1, "timestamp() is not supported"]]],
  ] as const)("%j", (text, expected) => {
    const faults = checkCelSubset(text);
    expect(faults.map(({ line, column }) => [line, column])).toEqual(expected.map(([line, column]) => [line, column]));
    for (const [at, [, , message]] of expected.entries()) expect(faults[at]?.message).toMatch(message);
  });
});

describe.each(rules.flatMap((rule) => (rule.form === "object" ? [[rule.id, rule] as const] : [])))("%s", (_, rule) => {
  const texts = rule.checks.flatMap((check) => {
    const plain = [check.when, check.expression, check.message].filter((text) => text !== undefined);
    return check.each === "container" ? plain.map((text) => forList(text, "containers")) : plain;
  });

  it("is in the subset", () => {
    expect(texts.flatMap((text) => checkCelSubset(text).map((fault) => ({ ...fault, text })))).toEqual([]);
  });

  it("reads only parameters that it has", () => {
    const read = texts.flatMap((text) => [...text.matchAll(/variables\.config\.(\w+)/g)].map(([, name = ""]) => name));
    expect([...new Set(read)].filter((name) => !(name in rule.parameters.shape))).toEqual([]);
  });
});
