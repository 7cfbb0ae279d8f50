const { pulumi, Thing, Group, TestProvider } = require("./things.js");

const provider = new TestProvider("provider", { region: "eu" });
const group = new Group("group", { provider });
const find = (args, opts) => pulumi.runtime.invoke("test:index:find", args, opts);
module.exports = async () => {
  const found = await find({ name: "a" });
  new Thing("found", { found: found.found, list: found.list, part: found.object.part });
  const other = await find({ name: "b" }, { provider });
  new Thing("other", { found: other.found, missing: other.missing });
  const inherited = await find({ name: "c" }, { parent: group });
  new Thing("inherited", { found: inherited.found });
  const unknown = await find({ name: new Thing("source", {}).out });
  new Thing("unknown", { keys: Object.keys(unknown).length, found: unknown.found });
  const secret = await find({ name: pulumi.secret("a") });
  new Thing("secret", { found: secret.found });
  return { found: found.found };
};
