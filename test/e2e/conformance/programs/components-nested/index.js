const { pulumi, Thing, Group } = require("./things.js");

class Site extends pulumi.ComponentResource {
  constructor(name, opts) {
    super("test:web:Site", name, {}, opts);
    this.page = new Thing(`${name}-page`, { title: name }, { parent: this });
    this.title = this.page.title;
    this.registerOutputs({ title: this.title, where: this.page.out });
  }
}

const outer = new Group("outer", {}, { size: 3 });
const inner = new Group("inner", { parent: outer });
const site = new Site("site", { parent: inner });
const plain = new Thing("plain", { title: site.title, again: site.page.out }, { parent: outer });
outer.registerOutputs({ made: plain.out, known: plain.title, urn: inner.urn });
inner.registerOutputs();
new Site("other");
exports.title = site.title;
exports.site = site.page.urn;
