const { Thing, Group, TestProvider, pulumi } = require("./things.js");

const cluster = new Thing("cluster", { size: 3 });
const provider = new TestProvider("late", { endpoint: cluster.out });
const a = new Thing("a", { name: "known" }, { provider });
const b = new Thing("b", { of: a.name, deep: { also: a.name } }, { provider });
const group = new Group("group", { provider });
new Thing("c", { id: b.id }, { parent: group });
const partly = new TestProvider("partly", { nested: { known: 1, endpoint: cluster.out } });
new Thing("d", { name: "d" }, { provider: partly });
new Thing("e", { from: new Thing("f", { name: "f" }, { provider: partly }).name });
const hidden = new TestProvider("hidden", { token: pulumi.secret(cluster.out) });
new Thing("g", { name: new Thing("h", { name: "h" }, { provider: hidden }).name });
