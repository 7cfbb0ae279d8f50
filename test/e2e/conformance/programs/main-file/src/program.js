const pulumi = require("@pulumi/pulumi");

class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("test:index:Thing", name, { out: undefined, ...props }, opts);
  }
}
const size = new pulumi.Config().requireNumber("size");
const all = [...Array(size + 2).keys()].map((n) => new Thing(`thing-${n}`, { n, limit: Error.stackTraceLimit > 10 }));
exports.last = all[all.length - 1].n;
