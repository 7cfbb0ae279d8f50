import { expect, it } from "vitest";
import { parsePolicy } from "../policy/config/read.js";
import { waiversFor } from "./policy.js";

it("a waiver of one environment counts only there, in a check and in what is emitted for a cluster", () => {
  const read = parsePolicy(
    `waivers:
  - { rule: ROL002, resource: Deployment/web, environment: production, reason: a, expires: 2999-01-01 }
  - { rule: IMG001, resource: Deployment/web, reason: b, expires: 2999-01-01 }
`,
    "plinth.policy.yaml",
  );
  const places = (...args: Parameters<typeof waiversFor>) =>
    waiversFor(...args).map(({ rule, source }) => `${rule} ${source?.file}:${source?.line}`);
  expect(places(read, "production")).toEqual(["ROL002 plinth.policy.yaml:2", "IMG001 plinth.policy.yaml:3"]);
  expect(places(read, "staging")).toEqual(["IMG001 plinth.policy.yaml:3"]);
  expect(places(read, undefined)).toEqual(["IMG001 plinth.policy.yaml:3"]);
  expect(places(undefined, "production")).toEqual([]);
});
