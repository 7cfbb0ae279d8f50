import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Value } from "../../graph/model.js";
import { canSelectNode, matchesLabelSelector, type Possible } from "./selectors.js";

const unknown = { $unknown: "urn.x" };
const expression = (key: string, operator: string, values?: readonly string[]): Value => ({
  key,
  operator,
  ...(values && { values }),
});

describe("a label selector", () => {
  it.each<[string, Value | undefined, boolean]>([
    ["that is empty matches everything", {}, true],
    ["that is absent matches nothing", undefined, false],
    ["that is null matches nothing", null, false],
    ["needs all of matchLabels", { matchLabels: { app: "a", tier: "x" } }, false],
    ["matches by matchLabels", { matchLabels: { app: "a" } }, true],
    ["matches by In", { matchExpressions: [expression("app", "In", ["b", "a"])] }, true],
    ["does not match by In of an absent label", { matchExpressions: [expression("no", "In", ["a"])] }, false],
    ["matches by NotIn of an absent label", { matchExpressions: [expression("no", "NotIn", ["a"])] }, true],
    ["does not match by NotIn of its value", { matchExpressions: [expression("app", "NotIn", ["a"])] }, false],
    ["matches by Exists", { matchExpressions: [expression("app", "Exists")] }, true],
    ["matches by DoesNotExist", { matchExpressions: [expression("no", "DoesNotExist")] }, true],
    [
      "needs labels and expressions",
      { matchLabels: { app: "a" }, matchExpressions: [expression("app", "DoesNotExist")] },
      false,
    ],
    ["with an unknown operator matches nothing", { matchExpressions: [expression("app", "Like", ["a"])] }, false],
  ])("%s", (_, selector, expected) => {
    expect(matchesLabelSelector({ app: "a" }, selector)).toBe(expected);
  });

  it("gives a definite answer beside an unknown one", () => {
    const selector = { matchLabels: { app: unknown, tier: "x" } };
    expect(matchesLabelSelector({ app: "a" }, selector)).toBe(false);
    expect(matchesLabelSelector({ app: "a", tier: "x" }, selector)).toEqual({ undecided: "urn.x" });
  });
});

test("NotIn is the opposite of In, and DoesNotExist of Exists, for every label", () => {
  const label = fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined });
  const list = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 });
  fc.assert(
    fc.property(label, list, (value, values) => {
      const labels: Value = value === undefined ? {} : { k: value };
      const answer = (operator: string) =>
        matchesLabelSelector(labels, { matchExpressions: [expression("k", operator, values)] });
      expect(answer("NotIn")).toBe(!answer("In"));
      expect(answer("DoesNotExist")).toBe(!answer("Exists"));
    }),
  );
});

describe("a pod can select a node", () => {
  const labels =
    (known: Readonly<Record<string, Possible>>) =>
    (key: string): Possible =>
      known[key] ?? [undefined];
  const l4 = labels({ gpu: ["l4"], zone: "anything", count: ["4"], either: ["a", "b"] });
  const affinity = (...terms: readonly Value[]): Value => ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
  });
  const term = (...matchExpressions: readonly Value[]): Value => ({ matchExpressions });

  it.each<[string, Value, boolean]>([
    ["when it asks for nothing", {}, true],
    ["by nodeSelector", { nodeSelector: { gpu: "l4" } }, true],
    ["not by another value", { nodeSelector: { gpu: "h100" } }, false],
    ["not by a label that the node has not", { nodeSelector: { team: "risk" } }, false],
    ["by a label that can be anything", { nodeSelector: { zone: "eu-west-1a" } }, true],
    ["by one of several values", { nodeSelector: { either: "b" } }, true],
    [
      "by one of the ORed terms",
      affinity(term(expression("gpu", "In", ["h100"])), term(expression("gpu", "In", ["l4"]))),
      true,
    ],
    [
      "not when an expression of the only term fails",
      affinity(term(expression("gpu", "In", ["l4"]), expression("gpu", "NotIn", ["l4"]))),
      false,
    ],
    ["not by an empty term", affinity({}), false],
    ["not by no terms", affinity(), false],
    ["by a term of matchFields alone", affinity({ matchFields: [expression("metadata.name", "In", ["n"])] }), true],
    ["by Gt", affinity(term(expression("count", "Gt", ["3"]))), true],
    ["not by Lt", affinity(term(expression("count", "Lt", ["4"]))), false],
    ["not by Gt of several values", affinity(term(expression("count", "Gt", ["1", "2"]))), false],
    ["by NotIn of an absent label", affinity(term(expression("team", "NotIn", ["x"]))), true],
    [
      "not when affinity fits and nodeSelector does not",
      { nodeSelector: { gpu: "h100" }, ...(affinity(term(expression("gpu", "Exists"))) as object) } as Value,
      false,
    ],
  ])("%s", (_, podSpec, expected) => {
    expect(canSelectNode(podSpec, l4)).toBe(expected);
  });

  it("is open when a selector that matters is unknown", () => {
    expect(canSelectNode({ nodeSelector: { gpu: unknown } }, l4)).toEqual({ undecided: "urn.x" });
    expect(canSelectNode({ nodeSelector: { gpu: unknown, team: "x" } }, l4)).toBe(false);
    expect(canSelectNode({ nodeSelector: { gpu: "l4" } }, labels({ gpu: [unknown] }))).toEqual({ undecided: "urn.x" });
  });
});
