const { pulumi, Thing, Group } = require("./things.js");

const a = new Group("a");
const b = new Group("b", { parent: a });
const c = new Thing("c", {}, { parent: b });
const d = new Thing("d", {}, { parent: a });
new Thing("below-custom", {}, { parent: d });
new Thing("on-component", {}, { dependsOn: a });
new Thing("on-list", { x: d.out }, { dependsOn: [b, d] });
new Thing("on-output", {}, { dependsOn: pulumi.output([c, d]) });
new Thing("on-promise", {}, { dependsOn: Promise.resolve(c) });
const g = new Group("g", { dependsOn: c });
new Thing("on-own-parent", {}, { parent: g, dependsOn: g });
new Thing("under-waiting-component", {}, { parent: g });
const e = new Thing("e", { from: c.out });
new Thing("transitive", { from: e.out });
new Thing("on-empty", {}, { dependsOn: [new Group("empty")] });
