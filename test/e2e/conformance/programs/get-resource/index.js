const { pulumi, Thing, Group } = require("./things.js");

const source = new Thing("source", { name: "n", list: [1, 2] });
class Found extends pulumi.CustomResource {
  constructor(name, urn) {
    super("test:index:Thing", name, { name: undefined, out: undefined }, { urn });
  }
}
module.exports = (async () => {
  const urn = await new Promise((resolve) => source.urn.apply(resolve));
  const found = new Found("source", urn);
  new Thing("reader", { name: found.name });
  const group = new Group("group");
  new Thing("inside", { name: found.name, out: found.out }, { parent: group });
  new Thing("other", { urn: found.urn });
  new Thing("last", {}, { dependsOn: group });
  return { name: found.name };
})();
