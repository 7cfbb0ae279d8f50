import { expect, test } from "vitest";
import { secret, UNKNOWN, type WireObject } from "../../../../src/engine/wire.js";
import { answerInvoke } from "./invokes.js";
import { blocksItself, changesOf, checkInputs, idOf, outputsOf, randomOf } from "./resources.js";

const BUCKET = "aws:s3/bucket:Bucket";
const ROLE = "aws:iam/role:Role";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

test("a resource without a name gets one, and keeps it", () => {
  const named = checkInputs(BUCKET, "models", {}, {}, "0123456789abcdef");
  expect(named).toEqual({ bucket: "models-0123456" });
  expect(checkInputs(BUCKET, "models", {}, named, "ffffffffffffffff")).toEqual(named);
});

test("a name of the program's own stays, also one that is secret, unknown or a prefix", () => {
  const given: readonly WireObject[] = [
    { bucket: "mine" },
    { bucket: secret("mine") },
    { bucket: UNKNOWN },
    { bucketPrefix: "m-" },
  ];
  for (const inputs of given) {
    expect(checkInputs(BUCKET, "models", inputs, {}, "0123456789abcdef")).toEqual(inputs);
  }
  expect(checkInputs("random:index/randomPet:RandomPet", "pet", {}, {}, "0123456789abcdef")).toEqual({});
});

test("ids and computed properties follow from the inputs; secrets stay secret", () => {
  const inputs = { bucket: secret("models-1"), tags: { a: "b" } };
  expect(idOf(BUCKET, inputs, "0")).toBe("models-1");
  expect(outputsOf(BUCKET, "models-1", inputs)).toMatchObject({
    bucket: secret("models-1"),
    arn: "arn:aws:s3:::models-1",
    tags: { a: "b" },
    tagsAll: { a: "b" },
  });
  expect(idOf("random:index/randomPet:RandomPet", {}, randomOf("x"))).toMatch(/^randompet-[0-9a-f]{12}$/);
});

test("a launch template has one version more after each update", () => {
  const made = outputsOf(TEMPLATE, "lt-1", { name: "t" });
  expect(made).toMatchObject({ latestVersion: 1, defaultVersion: 1 });
  expect(outputsOf(TEMPLATE, "lt-1", { name: "t" }, made)).toMatchObject({ latestVersion: 2 });
});

test("differences are found in depth, and some make a new resource", () => {
  const before = { name: "a", tags: { x: "1" }, path: "/", gone: true };
  const after = { name: "b", tags: { x: "2" }, path: "/", added: [1] };
  expect(changesOf(ROLE, before, after)).toEqual([
    { property: "added", kind: "add", replaces: false },
    { property: "gone", kind: "delete", replaces: false },
    { property: "name", kind: "update", replaces: true },
    { property: "tags", kind: "update", replaces: false },
  ]);
});

test("a value that becomes secret is the same value, an unknown one is not", () => {
  expect(
    changesOf(ROLE, { description: "d", tags: { a: "1" } }, { description: secret("d"), tags: secret({ a: "1" }) }),
  ).toEqual([]);
  expect(changesOf(ROLE, { description: UNKNOWN }, { description: UNKNOWN })).toHaveLength(1);
});

test("only a name that the program gave stands in the way of the replacement", () => {
  expect(blocksItself(ROLE, "app", { name: "mine", path: "/" }, { name: "mine", path: "/x" })).toBe(true);
  expect(blocksItself(ROLE, "app", { name: "mine" }, { name: "other" })).toBe(false);
  expect(blocksItself(ROLE, "app", { name: "app-0123456" }, { name: "app-0123456" })).toBe(false);
});

test("data sources are answered by the test, then by what needs no cloud, and else refused by name", () => {
  const answers = { "aws:eks/getCluster:getCluster": { endpoint: "https://a" } };
  expect(answerInvoke("aws:eks/getCluster:getCluster", { name: "c" }, answers)).toEqual({
    name: "c",
    endpoint: "https://a",
  });
  expect(answerInvoke("aws:index/getRegion:getRegion", {}, {})).toMatchObject({ region: "eu-west-1" });
  expect(() => answerInvoke("aws:ec2/getAmi:getAmi", {}, {})).toThrow(
    "the stand-in provider has no answer for aws:ec2/getAmi:getAmi; give one in clouds.answers of the test's stack",
  );
});
