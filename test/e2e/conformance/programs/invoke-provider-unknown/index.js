const { pulumi, Thing, TestProvider } = require("./things.js");

const cluster = new Thing("cluster", {});
const provider = new TestProvider("provider", { endpoint: cluster.out });
const found = pulumi.runtime.invokeOutput("test:index:find", { name: "a" }, { provider });
new Thing("found", { found: found.found });
new Thing("part", { whole: found });
new Thing("on-provider", { name: "n" }, { provider });
new Thing("plain", { x: 1 });
