import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { fenceposts } from "./rolling-update.js";

describe("a rolling update", () => {
  // The first rows are those of TestResolveFenceposts in kubernetes/kubernetes, pkg/controller/deployment/util/deployment_util_test.go.
  it.each([
    [10, "0%", "0%", 0, 1],
    [10, "39%", "39%", 4, 3],
    [10, 0, 1, 0, 1],
    [1, "25%", "25%", 1, 0],
    [3, undefined, undefined, 1, 0],
    [4, undefined, undefined, 1, 1],
    [1, 0, 0, 0, 1],
    [2, 0, "100%", 0, 2],
    [2, 0, 5, 0, 2],
    [0, undefined, undefined, 0, 0],
  ])("of %s pods with maxSurge %s and maxUnavailable %s adds %s and takes %s", (replicas, surge, gone, up, down) => {
    expect(fenceposts(replicas, surge, gone)).toEqual({ surge: up, unavailable: down });
  });

  it.each(["1", "5 %", "-5%", -1, 1.5, null, "abc"])("cannot have maxSurge %s", (surge) => {
    expect(fenceposts(4, surge, 1)).toBeUndefined();
  });

  test("can always move: some pod may be added or taken away", () => {
    const share = fc.oneof(
      fc.nat(20),
      fc.nat(100).map((percent) => `${percent}%`),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), share, share, (replicas, surge, gone) => {
        const posts = fenceposts(replicas, surge, gone);
        expect(posts).toBeDefined();
        expect(posts!.surge + posts!.unavailable).toBeGreaterThan(0);
        expect(posts!.unavailable).toBeLessThanOrEqual(replicas);
      }),
    );
  });
});
