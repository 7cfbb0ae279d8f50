const { Thing, Group } = require("./things.js");

const other = new Thing("other", {});
const another = new Thing("another", {});
const a = new Group("a", { protect: true, retainOnDelete: true, deletedWith: other });
new Thing("inherits", {}, { parent: a });
new Thing("refuses", {}, { parent: a, protect: false, retainOnDelete: false });
new Thing("chooses", {}, { parent: a, deletedWith: another });
const b = new Group("b", { parent: a });
new Thing("inherits-twice", {}, { parent: b });
const c = new Group("c", { parent: a, protect: false, retainOnDelete: false });
new Thing("inherits-the-refusal", {}, { parent: c });
const custom = new Thing("custom", {}, { protect: true, retainOnDelete: true, deletedWith: another });
new Thing("child-of-custom", {}, { parent: custom });
const timed = new Group("timed", { customTimeouts: { create: "1m" }, ignoreChanges: ["x"] });
new Thing("child-of-timed", { x: 1 }, { parent: timed });
