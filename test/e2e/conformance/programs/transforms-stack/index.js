const { pulumi, Thing, Group } = require("./things.js");

pulumi.runtime.registerResourceTransform((args) => {
  if (args.type !== "test:index:Thing") return undefined;
  return { props: { ...args.props, owner: "team" }, opts: args.opts };
});
pulumi.runtime.registerResourceTransform(async (args) => {
  if (args.name !== "guarded") return undefined;
  return { props: args.props, opts: pulumi.mergeOptions(args.opts, { protect: true, ignoreChanges: ["x"] }) };
});
const source = new Thing("source", { x: 1 });
new Thing("guarded", { from: source.out });
new Thing("password", { password: pulumi.secret("s3cr3t"), nested: { from: source.out, plain: "p" } });
const group = new Group("group", {}, { given: source.out });
new Thing("inside", { list: [source.out, "x"], ref: source }, { parent: group });
new Thing("secret-in-list", { list: [pulumi.secret("one"), "two"] });
