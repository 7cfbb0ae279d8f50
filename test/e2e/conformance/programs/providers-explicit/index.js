const { pulumi, Thing, Group, TestProvider } = require("./things.js");

const eu = new TestProvider("eu", { region: "eu", token: pulumi.secret("s3cr3t-token") });
const us = new TestProvider("us", { region: "us", tags: { a: "b" } }, { version: "1.2.3" });
new Thing("default", {});
new Thing("direct", {}, { provider: us });
const a = new Group("a", { providers: [eu] });
const b = new Group("b", { parent: a });
new Thing("two-levels", {}, { parent: b });
new Thing("overrides", {}, { parent: b, provider: us });
const c = new Group("c", { parent: a, providers: { test: us } });
const d = new Thing("of-override", {}, { parent: c });
new Thing("child-of-custom", {}, { parent: d });
new Group("component-with-provider", { provider: us });
const single = new Group("single", { provider: eu });
new Thing("below-single", {}, { parent: single });
const inComponent = new TestProvider("inner", { region: us.region }, { parent: a });
new Thing("by-inner", {}, { provider: inComponent });
