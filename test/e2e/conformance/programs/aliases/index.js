const { pulumi, Thing, Group } = require("./things.js");

const group = new Group("group");
const old = new Group("old");
const a = (name, aliases, opts) => new Thing(name, {}, { ...opts, aliases });
a("by-urn", ["urn:pulumi:dev::p::test:index:Old::by-urn"]);
a("by-name", [{ name: "earlier" }]);
a("by-type", [{ type: "test:index:Older" }]);
a("by-stack", [{ stack: "staging" }]);
a("by-project", [{ project: "q" }]);
a("by-parent", [{ parent: old }], { parent: group });
a("by-parent-urn", [{ parent: old.urn }], { parent: group });
a("by-root", [{ parent: pulumi.rootStackResource }], { parent: group });
a("several", [{ name: "one" }, { name: "two", type: "test:index:Old" }, "urn:pulumi:dev::p::test:index:Old::three"]);
a("by-output", [pulumi.output({ name: "later" })]);
a("all", [{ name: "n", type: "test:index:T", stack: "s", project: "q", parent: old }]);
const moved = new Group("moved", { aliases: [{ name: "unmoved" }, { parent: pulumi.rootStackResource }] });
a("child-of-moved", [{ name: "once" }], { parent: moved });
a("plain-child-of-moved", [], { parent: moved });
