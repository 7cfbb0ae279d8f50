const { pulumi, Thing, Group } = require("./things.js");

const provider = {
  async check(_olds, news) {
    return { inputs: { ...news, checked: true } };
  },
  async create(inputs) {
    return { id: "id", outs: { ...inputs, made: "m" } };
  },
};
class Record extends pulumi.dynamic.Resource {
  constructor(name, props, opts) {
    super({ create: async () => ({ id: "id", outs: {} }) }, name, { made: undefined, ...props }, opts);
  }
}
class Checked extends pulumi.dynamic.Resource {
  constructor(name, props, opts) {
    super({ create: provider.create }, name, { made: undefined, ...props }, opts, "records", "Checked");
  }
}
const first = new Record("first", { size: 2, password: pulumi.secret("s3cr3t") });
const source = new Thing("source", { from: first.made, size: first.size, password: first.password });
new Record("second", { from: source.out, of: first.id });
const group = new Group("group");
new Checked("checked", { a: [1, { b: source.out }] }, { parent: group, protect: true });
new Record("third", { a: first.size }, { dependsOn: group });
