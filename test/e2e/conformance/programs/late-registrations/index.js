const { Thing, Group } = require("./things.js");

const first = new Thing("first", { name: "n" });
setTimeout(() => new Thing("by-timer", { name: first.name }), 50);
Promise.resolve().then(() => new Thing("by-promise", { name: first.out }));
first.name.apply((name) => new Thing("by-apply", { name }));
let again = true;
process.on("beforeExit", () => {
  if (again) new Thing("by-before-exit", {});
  again = false;
});
const group = new Group("group");
setImmediate(() => {
  const inner = new Thing("by-immediate", {}, { parent: group });
  inner.name?.apply((name) => name);
  group.registerOutputs({ id: inner.id });
});
exports.late = new Promise((resolve) => setTimeout(() => resolve(first.name), 20));
