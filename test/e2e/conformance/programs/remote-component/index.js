const { pulumi, Thing, Group } = require("./things.js");

class Site extends pulumi.ComponentResource {
  constructor(name, props, opts) {
    super("remote:index:Site", name, { url: undefined, ...props }, opts, true);
  }
  describe(args) {
    return pulumi.runtime.call("remote:index:Site/describe", { __self__: this, ...args }, this);
  }
}
const source = new Thing("source", { name: "n" });
const site = new Site("site", {
  name: "known",
  from: source.out,
  password: pulumi.secret("s3cr3t"),
  list: [source.name],
});
const group = new Group("group");
const inner = new Site("inner", { name: "in" }, { parent: group, protect: true, dependsOn: source });
new Thing("reader", { url: site.url });
new Thing("waits", {}, { dependsOn: inner });
const described = site.describe({ loud: true });
new Thing("described", { text: described.text });
exports.url = inner.url;
