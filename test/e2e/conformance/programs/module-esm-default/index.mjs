import pulumi from "@pulumi/pulumi";

class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("test:index:Thing", name, { out: undefined, ...props }, opts);
  }
}

export default async () => {
  const parent = new pulumi.ComponentResource("test:index:Group", "group");
  const things = ["a", "b", "c", "d"].map((name) => new Thing(name, { name }, { parent }));
  return { ids: things.map(({ id }) => id), name: things[0].name };
};
