import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { isUndecided } from "../truth.js";
import { podTolerates, repels, tolerates } from "./taints.js";

const taint = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

describe("a toleration", () => {
  it.each([
    ["without a key and with operator Exists tolerates everything", { operator: "Exists" }, true],
    ["without a key but with an effect tolerates that effect", { operator: "Exists", effect: "NoExecute" }, false],
    ["with an empty key is as one without", { key: "", operator: "Exists" }, true],
    ["with Exists does not look at the value", { key: "nvidia.com/gpu", operator: "Exists" }, true],
    ["without an operator compares values", { key: "nvidia.com/gpu", value: "present" }, true],
    ["without a value means the empty one", { key: "nvidia.com/gpu" }, false],
    ["of another value does not match", { key: "nvidia.com/gpu", operator: "Equal", value: "true" }, false],
    ["of another key does not match", { key: "amd.com/gpu", operator: "Exists" }, false],
    ["of the same effect matches", { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }, true],
    ["of another effect does not match", { key: "nvidia.com/gpu", operator: "Exists", effect: "NoExecute" }, false],
    ["with Equal and no key is refused, so it tolerates nothing", { operator: "Equal", value: "present" }, false],
    ["with an operator that does not exist tolerates nothing", { key: "nvidia.com/gpu", operator: "In" }, false],
  ])("%s", (_, toleration, expected) => {
    expect(tolerates(toleration, taint)).toBe(expected);
  });

  it.each([
    ["Gt", "5", "6", true],
    ["Gt", "5", "5", false],
    ["Lt", "5", "-6", true],
    ["Lt", "5", "05", false],
    ["Gt", "x", "6", false],
  ])("with %s and %s compares the taint's %s as whole numbers: %s", (operator, value, of, expected) => {
    expect(tolerates({ key: "k", operator, value }, { key: "k", value: of, effect: "NoSchedule" })).toBe(expected);
  });

  it("matches a taint without a value when it has none itself", () => {
    expect(tolerates({ key: "k" }, { key: "k", effect: "NoExecute" })).toBe(true);
  });
});

const keys = fc.constantFrom("", "a", "b");
const values = fc.constantFrom("", "x", "y");
const effects = fc.constantFrom("", "NoSchedule", "NoExecute", "PreferNoSchedule");
const tolerations = fc
  .record(
    { key: keys, operator: fc.constantFrom("", "Equal", "Exists"), value: values, effect: effects },
    { requiredKeys: [] },
  )
  // What the API server refuses is not in the table.
  .filter(({ key = "", operator }) => key !== "" || operator === "Exists");
const taints = fc.record({
  key: fc.constantFrom("a", "b"),
  value: values,
  effect: fc.constantFrom("NoSchedule", "NoExecute", "PreferNoSchedule"),
});

test("tolerations match as the documentation's table says", () => {
  // "A toleration matches a taint if the keys are the same and the effects are the same, and the operator is Exists (in
  // which case no value should be specified), or the operator is Equal and the values should be equal." Special cases:
  // an empty key with Exists matches all keys and values, an empty effect matches all effects of the key.
  // https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#concepts
  fc.assert(
    fc.property(tolerations, taints, (toleration, of) => {
      const { key = "", operator = "", value = "", effect = "" } = toleration;
      const sameKey = key === of.key || key === "";
      const sameEffect = effect === of.effect || effect === "";
      const expected = sameKey && sameEffect && (operator === "Exists" || value === of.value);
      expect(tolerates(toleration, of)).toBe(expected);
    }),
  );
});

test("an unknown field leaves it open exactly when some value of it would change the answer", () => {
  const unknown = { $unknown: "urn.x" };
  fc.assert(
    fc.property(tolerations, taints, (toleration, of) => {
      const operator = toleration.operator ?? "";
      const found = tolerates({ ...toleration, value: unknown }, of);
      const answers = new Set(["", "x", "y"].map((value) => tolerates({ ...toleration, value }, of)));
      expect(isUndecided(found)).toBe(answers.size === 2);
      if (operator === "Exists") expect(isUndecided(found)).toBe(false);
    }),
  );
});

describe("a pod", () => {
  it("tolerates a taint by any of its tolerations, whatever is unknown beside it", () => {
    const unknown = { $unknown: "urn.x" };
    expect(podTolerates({ tolerations: [unknown, { operator: "Exists" }] }, taint)).toBe(true);
    expect(podTolerates({ tolerations: [unknown, { key: "b" }] }, taint)).toEqual({ undecided: "urn.x" });
    expect(podTolerates({}, taint)).toBe(false);
  });

  it("is kept away by NoSchedule and NoExecute only", () => {
    expect(["NoSchedule", "NoExecute", "PreferNoSchedule"].map((effect) => repels({ key: "k", effect }))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
