import fc from "fast-check";
import { expect, test } from "vitest";
import { lookup } from "./lookup.js";
import { isUndecided, same } from "./truth.js";

test("a look-up leaves out only what is certainly not meant", () => {
  const texts = fc.constantFrom("a", "b", { $unknown: "urn.x" });
  fc.assert(
    fc.property(fc.array(texts), texts, (items, text) => {
      const found = lookup(items, (item) => item)(text);
      for (const item of items) {
        const answer = same(item, text);
        if (answer === true || isUndecided(answer)) expect(found).toContain(item);
      }
    }),
  );
});
