// Copied beside each program: two raw types of an invented package, which a stand-in plugin serves in the real engine.
const pulumi = require("@pulumi/pulumi");

class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("test:index:Thing", name, { out: undefined, ...props }, opts);
  }
}

class Group extends pulumi.ComponentResource {
  constructor(name, opts, props) {
    super("test:index:Group", name, props ?? {}, opts);
  }
}

class TestProvider extends pulumi.ProviderResource {
  constructor(name, props, opts) {
    super("test", name, props ?? {}, opts);
  }
}

module.exports = { pulumi, Thing, Group, TestProvider };
