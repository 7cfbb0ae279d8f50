const { pulumi, Thing, Group } = require("./things.js");

const tag = (text) => (args) =>
  args.type === "test:index:Thing"
    ? { props: { ...args.props, tags: [...(args.props.tags ?? []), text] }, opts: args.opts }
    : undefined;
pulumi.runtime.registerStackTransformation(tag("stack"));
pulumi.runtime.registerStackTransformation((args) =>
  args.name === "guarded" ? { props: args.props, opts: pulumi.mergeOptions(args.opts, { protect: true }) } : undefined,
);
const a = new Group("a", { transformations: [tag("a")] });
const b = new Group("b", { parent: a, transformations: [tag("b")] });
const source = new Thing("source", {});
new Thing("two-levels", { from: source.out }, { parent: b, transformations: [tag("own")] });
new Thing("one-level", { password: pulumi.secret("s") }, { parent: a });
new Thing("guarded", {});
