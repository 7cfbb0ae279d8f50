const { pulumi, Thing, Group, TestProvider } = require("./things.js");

const one = new TestProvider("one", { region: "eu" });
const two = new TestProvider("two", { region: "us" });
const a = new Thing("a", {});
const b = new Thing("b", {});
const merged = pulumi.mergeOptions(
  { dependsOn: a, ignoreChanges: ["x"], protect: true, aliases: [{ name: "m" }] },
  { dependsOn: [b], ignoreChanges: ["y"], additionalSecretOutputs: ["z"], aliases: [{ name: "n" }] },
);
new Thing("merged", { x: 1 }, merged);
new Thing("merged-output", {}, pulumi.mergeOptions({ dependsOn: pulumi.output(a) }, { dependsOn: b }));
const group = new Group("group", pulumi.mergeOptions({ providers: [one] }, { providers: { test: two } }));
new Thing("inside", {}, { parent: group });
new Thing("overridden", {}, pulumi.mergeOptions({ provider: one, protect: true }, { provider: two, protect: false }));
