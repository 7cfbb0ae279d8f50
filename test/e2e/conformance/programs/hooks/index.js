const { pulumi, Thing, Group } = require("./things.js");

const seen = [];
const note = (text) => (args) => {
  seen.push(`${text} ${args.name}`);
};
const before = new pulumi.ResourceHook("before", note("before"), { onDryRun: true });
const after = new pulumi.ResourceHook("after", note("after"), { onDryRun: true });
const off = new pulumi.ResourceHook("off", note("off"), {});
const hooks = { beforeCreate: [before, off], afterCreate: [after] };
const a = new Thing("a", { x: 1 }, { hooks });
const group = new Group("group", { hooks: { afterCreate: [after] } });
new Thing("b", { from: a.out, password: pulumi.secret("s3cr3t") }, { hooks, parent: group });
new Thing(
  "c",
  {},
  { hooks: { beforeUpdate: [before], afterUpdate: [after], beforeDelete: [off], afterDelete: [off] } },
);
new Thing("d", { d: 1 }, { hooks: { beforeCreate: [note("inline")] } });
new Thing("e", {}, { dependsOn: [a, group] });
