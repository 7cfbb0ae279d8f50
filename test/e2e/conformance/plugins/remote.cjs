// The plugin of the package `remote`: a component with two children, and a method.
const pulumi = require("@pulumi/pulumi");

class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("test:index:Thing", name, { out: undefined, ...props }, opts);
  }
}

class Site extends pulumi.ComponentResource {
  constructor(name, inputs, opts) {
    super("remote:index:Site", name, {}, opts);
    const page = new Thing(`${name}-page`, { title: inputs.name }, { parent: this });
    new Thing(`${name}-log`, { of: page.id }, { parent: this });
    this.url = page.out;
    this.registerOutputs({ url: this.url });
  }
}

pulumi.provider.main(
  {
    version: "1.0.0",
    async construct(name, _type, inputs, options) {
      const site = new Site(name, inputs, options);
      return { urn: site.urn, state: { url: site.url } };
    },
    async call(_token, inputs) {
      return { outputs: { text: pulumi.output(inputs.__self__).apply(() => "described") } };
    },
  },
  process.argv.slice(2),
);
