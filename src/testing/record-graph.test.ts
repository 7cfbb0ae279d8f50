import { getRegionOutput } from "@pulumi/aws/getRegion.js";
import { getPolicyDocumentOutput } from "@pulumi/aws/iam/getPolicyDocument.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ArgsError } from "../core/args-error.js";
import { recordGraph } from "./record-graph.js";

class Team extends pulumi.ComponentResource {
  readonly settings: ConfigMap;
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("plinth:index:Team", name, { size: 2 }, opts);
    this.settings = new ConfigMap(
      `${name}-settings`,
      { metadata: { name: "settings" }, data: { a: "1" } },
      { parent: this },
    );
    this.registerOutputs({ map: this.settings.metadata.name });
  }
}

const URN = "urn:pulumi:stack::project::";

describe("recordGraph", () => {
  it("records a construct with its children, as the engine names them", async () => {
    const { graph } = await recordGraph(() => new Team("risk"));
    expect(graph.origin).toBe("test");
    expect(graph.nodes).toEqual([
      {
        urn: `${URN}plinth:index:Team$kubernetes:core/v1:ConfigMap::risk-settings`,
        type: "kubernetes:core/v1:ConfigMap",
        name: "risk-settings",
        kind: "custom",
        parent: `${URN}plinth:index:Team::risk`,
        inputs: { apiVersion: "v1", data: { a: "1" }, kind: "ConfigMap", metadata: { name: "settings" } },
        options: {},
        dependencies: [],
        propertyDependencies: {},
      },
      {
        urn: `${URN}plinth:index:Team::risk`,
        type: "plinth:index:Team",
        name: "risk",
        kind: "component",
        parent: `${URN}pulumi:pulumi:Stack::project-stack`,
        inputs: { size: 2 },
        outputs: { map: "settings" },
        options: {},
        dependencies: [],
        propertyDependencies: {},
      },
      {
        urn: `${URN}pulumi:pulumi:Stack::project-stack`,
        type: "pulumi:pulumi:Stack",
        name: "project-stack",
        kind: "stack",
        inputs: {},
        outputs: {},
        options: {},
        dependencies: [],
        propertyDependencies: {},
      },
    ]);
    expect(graph.edges.map(({ from, to, kind }) => [from.split("::").at(-1), kind, to.split("::").at(-1)])).toEqual([
      ["risk-settings", "parent", "risk"],
      ["risk", "parent", "project-stack"],
    ]);
  });

  it("records providers, dependencies and options, with those that the engine hands down", async () => {
    const { graph } = await recordGraph(() => {
      const provider = new Provider("cluster", { kubeconfig: "{}" });
      const role = new Role("role", { assumeRolePolicy: "{}" }, { retainOnDelete: true });
      const team = new Team("risk", { provider, protect: true, retainOnDelete: true });
      new ConfigMap(
        "late",
        { metadata: { name: "late" }, data: { arn: role.arn } },
        {
          provider,
          dependsOn: team,
          ignoreChanges: ["data"],
          customTimeouts: { create: "10m" },
          aliases: [{ name: "old" }],
        },
      );
    });
    const node = (name: string) => graph.nodes.find((each) => each.name === name)!;
    expect(node("late")).toEqual({
      urn: `${URN}kubernetes:core/v1:ConfigMap::late`,
      type: "kubernetes:core/v1:ConfigMap",
      name: "late",
      kind: "custom",
      parent: `${URN}pulumi:pulumi:Stack::project-stack`,
      provider: node("cluster").urn,
      inputs: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "late" },
        data: { arn: { $unknown: node("role").urn } },
      },
      options: {
        ignoreChanges: ["data"],
        customTimeouts: { create: 600 },
        aliases: [{ name: "old", parent: `${URN}pulumi:pulumi:Stack::project-stack` }],
      },
      dependencies: [node("role").urn, node("risk-settings").urn].sort(),
      propertyDependencies: { data: [node("role").urn] },
    });
    expect(node("cluster").kind).toBe("provider");
    expect(node("risk-settings").provider).toBe(node("cluster").urn);
    expect(node("risk-settings").options).toEqual({ protect: true, retainOnDelete: true });
    expect(node("risk").options).toEqual({
      protect: true,
      retainOnDelete: true,
      providers: { kubernetes: node("cluster").urn },
    });
  });

  it("withholds secrets and keeps them by their place", async () => {
    const { graph, secrets } = await recordGraph(
      () => new Secret("s", { metadata: { name: "s" }, stringData: { password: pulumi.secret("hunter2") } }),
    );
    const place = `${URN}kubernetes:core/v1:Secret::s.stringData`;
    expect(graph.nodes[0]!.inputs.stringData).toEqual({ $secret: place });
    expect(secrets.get(place)).toEqual({ password: "hunter2" });
    expect(JSON.stringify(graph)).not.toContain("hunter2");
  });

  it("takes configuration, outputs of resources and answers of data sources", async () => {
    const { graph } = await recordGraph(
      () => {
        const role = new Role("role", { assumeRolePolicy: getPolicyDocumentOutput({ statements: [] }).json });
        const region = getRegionOutput({}, { async: false });
        return { image: new pulumi.Config().require("image"), arn: role.arn, region: region.name };
      },
      {
        project: "shop",
        stack: "prod",
        config: { image: "nginx" },
        outputs: ({ name }) => ({ arn: `arn:aws:iam::1:role/${name}` }),
        invokes: { "aws:index/getRegion:getRegion": () => ({ name: "eu-west-1" }) },
      },
    );
    const stack = graph.nodes.find((node) => node.kind === "stack")!;
    expect(stack.urn).toBe("urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod");
    expect(stack.outputs).toEqual({ image: "nginx", arn: "arn:aws:iam::1:role/role", region: "eu-west-1" });
    expect(graph.invokes.map(({ token, answer }) => [token, answer])).toEqual([
      ["aws:iam/getPolicyDocument:getPolicyDocument", "computed"],
      ["aws:index/getRegion:getRegion", "file"],
    ]);
  });

  it("waits for what an apply makes", async () => {
    const later = new Promise<string>((resolve) => setTimeout(() => resolve("x"), 20));
    const { graph } = await recordGraph(() => {
      const first = new ConfigMap("first", { metadata: { name: later } });
      first.metadata.name.apply((name) => new ConfigMap(`${name}-second`, { metadata: { name: "second" } }));
    });
    expect(graph.nodes.map((node) => node.name)).toEqual(["first", "x-second", "project-stack"]);
  });

  it("gives the same graph for two runs at once", async () => {
    const program = () => [new Team("a"), new Team("b")];
    const [one, two] = await Promise.all([recordGraph(program), recordGraph(program)]);
    expect(JSON.stringify(one.graph)).toBe(JSON.stringify(two.graph));
    expect(one.graph.nodes).toHaveLength(5);
  });
});

describe("recordGraph fails", () => {
  it("with the program's own error", async () => {
    const error = new ArgsError("X", [{ field: "f", message: "m" }]);
    await expect(
      recordGraph(() => {
        throw error;
      }),
    ).rejects.toBe(error);
  });

  it("with an error that an apply raised", async () => {
    const failure = await recordGraph(() => {
      const name = pulumi.output("x").apply((): string => {
        throw new ArgsError("X", [{ field: "f", message: "m" }]);
      });
      new ConfigMap("m", { metadata: { name } });
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ArgsError);
    expect((failure as ArgsError).message).toMatch(/X has 1 fault:\n {2}f: m$/);
  });

  it("with all errors that nobody handled", async () => {
    await expect(
      recordGraph(() => {
        void Promise.reject(new Error("first"));
        void Promise.reject(new Error("second"));
      }),
    ).rejects.toThrow("the program failed:\nfirst\nsecond");
  });

  it("on two resources of one URN", async () => {
    await expect(recordGraph(() => [new Team("a"), new Team("a")])).rejects.toThrow(
      [
        "the program declares what cannot work:",
        `  ${URN}plinth:index:Team::a: two resources have this URN; give one of them another name`,
        `  ${URN}plinth:index:Team$kubernetes:core/v1:ConfigMap::a-settings: two resources have this URN; give one of them another name`,
      ].join("\n"),
    );
  });

  it("on an Output put into a string, at any depth", async () => {
    await expect(recordGraph(() => new ConfigMap("m", { data: { a: `x-${pulumi.output("y")}` } }))).rejects.toThrow(
      `${URN}kubernetes:core/v1:ConfigMap::m: an Output was put into a string in data; use pulumi.interpolate or apply`,
    );
  });

  it("on a data source that nobody answers, and names the token", async () => {
    await expect(recordGraph(() => ({ region: getRegionOutput({}).name }))).rejects.toThrow(
      'invokes: {\n  "aws:index/getRegion:getRegion": (args) => ({ … }),\n}',
    );
  });
});
