const { pulumi, Thing, Group } = require("./things.js");

const source = new Thing("source", { name: "s" });
const same = (args) => ({ props: args.props, opts: args.opts });
const add = (more) => (args) => ({ props: { ...args.props, ...more }, opts: args.opts });
new Thing("unchanged", { from: source.out, plain: 1 }, { transforms: [same] });
new Thing("unknown-added", { plain: 1 }, { transforms: [add({ late: source.out })] });
new Thing("known-added", { from: source.name }, { transforms: [add({ more: [1, { two: true }] })] });
new Thing("secret-added", { from: source.out }, { transforms: [add({ password: pulumi.secret("hunter22") })] });
new Thing("nothing-returned", { from: source.out, password: pulumi.secret("p4ss") }, { transforms: [() => undefined] });
new Thing(
  "depending",
  {},
  {
    dependsOn: source,
    transforms: [(args) => ({ props: args.props, opts: pulumi.mergeOptions(args.opts, { retainOnDelete: true }) })],
  },
);
new Thing(
  "removed",
  { a: 1, b: source.out },
  {
    transforms: [({ props: { b, ...rest }, opts }) => ({ props: rest, opts })],
  },
);
const group = new Group("group", { transforms: [add({ from: "group" })] });
new Thing("inside", { own: source.out }, { parent: group, transforms: [add({ by: "own" })] });
