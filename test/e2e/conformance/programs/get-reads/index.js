const { Thing, Group, TestProvider } = require("./things.js");

const get = (name, id, props, opts) => new Thing(name, props ?? {}, { ...opts, id });
const provider = new TestProvider("provider", { region: "eu" });
const known = get("known", "id-1");
const source = new Thing("source", { from: known.out });
const late = get("late", source.id);
get("with-state", "id-2", { zone: "a", from: source.out });
get("with-provider", "id-3", {}, { provider });
const group = new Group("group", { provider });
get("inside", "id-4", {}, { parent: group });
get("waiting", "id-5", {}, { dependsOn: source });
new Thing("reader", { of: late.out, id: late.id, knownId: known.id });
