const { Thing, Group } = require("./things.js");

for (const side of ["left", "right"]) {
  const twin = new Group(side);
  new Thing("kid", { side }, { parent: twin });
}
new Thing("other", {});
