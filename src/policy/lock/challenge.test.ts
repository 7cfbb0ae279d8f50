import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChallenges } from "./challenge.js";

describe("the challenges of a WWW-Authenticate header", () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
      [
        {
          scheme: "bearer",
          parameters: {
            realm: "https://auth.docker.io/token",
            service: "registry.docker.io",
            scope: "repository:library/nginx:pull",
          },
        },
      ],
    ],
    [
      'Basic realm="a, b", BEARER Realm = "x" , scope="pull,push"',
      [
        { scheme: "basic", parameters: { realm: "a, b" } },
        { scheme: "bearer", parameters: { realm: "x", scope: "pull,push" } },
      ],
    ],
    ['Basic realm="say \\"hi\\""', [{ scheme: "basic", parameters: { realm: 'say "hi"' } }]],
    [
      "Negotiate, Basic realm=plain",
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "basic", parameters: { realm: "plain" } },
      ],
    ],
    ["Basic", [{ scheme: "basic", parameters: {} }]],
    ["", []],
    ['"nothing"', []],
  ])("%s", (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  it("are read as they were written", () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    const challenge = fc.record({
      scheme: name,
      parameters: fc.dictionary(name, fc.stringMatching(/^[ -~]*$/), { minKeys: 1 }),
    });
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1 }), (all) => {
        const header = all
          .map(({ scheme, parameters }) => {
            const pairs = Object.entries(parameters).map(
              ([key, value]) => `${key}="${value.replace(/["\\]/g, "\\$&")}"`,
            );
            return `${scheme} ${pairs.join(",")}`;
          })
          .join(", ");
        expect(parseChallenges(header)).toEqual(
          all.map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } })),
        );
      }),
    );
  });
});
