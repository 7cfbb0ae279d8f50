const { Thing, Group } = require("./things.js");

const imported = new Thing("imported", { name: "n" }, { import: "id-1" });
new Thing("reader", { name: imported.name, id: imported.id, out: imported.out });
const group = new Group("group");
new Thing("inside", { name: "i" }, { parent: group, import: "id-2", protect: true });
new Thing("after", {}, { dependsOn: imported });
new Thing("plain", { x: 1 });
