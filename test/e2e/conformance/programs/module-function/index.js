const { pulumi, Thing, Group } = require("./things.js");

module.exports = async () => {
  const group = new Group("group");
  const made = ["a", "b", "c"].map((name) => new Thing(name, { name }, { parent: group }));
  await new Promise((resolve) => setTimeout(resolve, 10));
  const late = new Thing("late", { name: made[0].name });
  return { names: made.map(({ name }) => name), late: late.out, project: pulumi.getProject() };
};
