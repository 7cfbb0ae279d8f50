import { describe, expect, it } from "vitest";
import { clean, countByGroup, describePlace, nodesByUrn, shortType, splitPlace } from "./describe.js";
import { nodeGroupUrn, program } from "./fixtures/program.js";
import type { ResourceNode } from "./model.js";

const typed = (type: string, kind: ResourceNode["kind"] = "custom"): ResourceNode => ({
  urn: `urn:pulumi:s::p::${type}::n`,
  type,
  name: "n",
  kind,
  inputs: {},
  options: {},
  dependencies: [],
  propertyDependencies: {},
});

describe("describing resources", () => {
  it("shortens types to what people say", () => {
    expect(
      [
        typed("kubernetes:apps/v1:Deployment"),
        typed("kubernetes:apps/v1:DeploymentPatch"),
        typed("aws:eks/nodeGroup:NodeGroup"),
        typed("random:index/randomId:RandomId"),
        typed("plinth:index:GpuNodePool", "component"),
        typed("acme:platform:Team", "component"),
        typed("pulumi:providers:kubernetes", "provider"),
      ].map(shortType),
    ).toEqual([
      "Deployment",
      "kubernetes:apps:DeploymentPatch",
      "aws:eks:NodeGroup",
      "random:RandomId",
      "GpuNodePool",
      "acme:platform:Team",
      "provider kubernetes",
    ]);
  });

  it("counts what a reader calls a resource: not the stack, not default providers", () => {
    expect(countByGroup(program)).toEqual([
      { group: "Kubernetes", count: 3 },
      { group: "AWS", count: 1 },
      { group: "components", count: 2 },
    ]);
  });

  it("finds where the path of a place starts although names hold dots", () => {
    const byUrn = nodesByUrn(program);
    expect(splitPlace(`${nodeGroupUrn}.status.arn`, byUrn)).toEqual({ urn: nodeGroupUrn, path: "status.arn" });
    expect(describePlace(`${nodeGroupUrn}.arn`, byUrn)).toBe("aws:eks:NodeGroup serving.gpu.arn");
    expect(describePlace("urn:pulumi:s::p::a:b:C::x.id", byUrn)).toBe("urn:pulumi:s::p::a:b:C::x.id");
    expect(describePlace("aws:ec2/getSubnets", byUrn)).toBe("aws:ec2/getSubnets");
  });

  it("shows control characters instead of sending them to the terminal", () => {
    expect(clean("a\u001b[2Jb\nc\u202ed")).toBe("a\\u001b[2Jb\\u000ac\\u202ed");
  });
});
