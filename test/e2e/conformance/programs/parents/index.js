const { pulumi, Thing, Group } = require("./things.js");

new Thing("none", {});
new Thing("undefined", {}, { parent: undefined });
new Thing("stack", {}, { parent: pulumi.rootStackResource });
const group = new Group("group", { parent: pulumi.rootStackResource });
new Thing("in-group", {}, { parent: group });
const typed = new (class extends pulumi.ComponentResource {
  constructor() {
    super("not a type token", "typed", { input: 1 }, {});
  }
})();
new Thing("in-typed", {}, { parent: typed });
const twins = ["left", "right"].map((side) => new Group(side));
twins.forEach((twin, index) => {
  new Thing(`kid-${index}`, {}, { parent: twin });
});
