import { expect, it } from "vitest";
import * as aws from "../src/aws/index.js";
import * as gcp from "../src/gcp/index.js";
import * as plinth from "../src/index.js";
import * as policy from "../src/policy/index.js";
import * as testing from "../src/testing/index.js";

it("exports exactly these names: a change here is a change for users and belongs in the CHANGELOG", () => {
  const names = Object.fromEntries(
    Object.entries({ plinth, aws, gcp, policy, testing }).map(([name, module]) => [name, Object.keys(module).sort()]),
  );
  expect(names).toMatchSnapshot();
});
