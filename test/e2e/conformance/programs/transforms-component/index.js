const { pulumi, Thing, Group, TestProvider } = require("./things.js");

const mark = (text) => (args) =>
  args.type === "test:index:Thing"
    ? { props: { ...args.props, order: [...(args.props.order ?? []), text] }, opts: args.opts }
    : undefined;
const provider = new TestProvider("provider", { region: "eu" });
const source = new Thing("source", {});
const a = new Group("a", { transforms: [mark("a1"), mark("a2")] });
const b = new Group("b", { parent: a, transforms: [mark("b")] });
pulumi.runtime.registerResourceTransform(mark("stack"));
new Thing("order", { from: source.out }, { parent: b, transforms: [mark("own")] });
new Thing("no-own", { from: source.out, both: [source.out, source.id] }, { parent: b });
const switching = new Group("switching", {
  transforms: [(args) => ({ props: args.props, opts: pulumi.mergeOptions(args.opts, { provider }) })],
});
new Thing("switched", {}, { parent: switching });
const waiting = new Group("waiting", {
  transforms: [
    (args) =>
      args.custom ? { props: args.props, opts: pulumi.mergeOptions(args.opts, { dependsOn: [source] }) } : undefined,
  ],
});
new Thing("waits", { plain: 1 }, { parent: waiting });
