const { pulumi, Thing, Group } = require("./things.js");

const network = new pulumi.StackReference("organization/network/prod");
new Thing("known", { vpc: network.getOutput("vpcId"), zones: network.requireOutput("zones") });
new Thing("part", {
  zone: network.getOutput("zones").apply((zones) => zones[0]),
  missing: network.getOutput("missing"),
});
new Thing("all", { outputs: network.outputs.apply((outputs) => Object.keys(outputs).sort()) });
const group = new Group("group");
const again = new pulumi.StackReference("again", { name: "organization/network/prod" }, { parent: group });
new Thing("nested", { name: again.getOutput("settings").apply((settings) => settings.deep.name) }, { parent: group });
module.exports = async () => {
  const details = await network.getOutputDetails("vpcId");
  new Thing("details", { value: details.value });
  new Thing("value", { value: await network.getOutputValue("vpcId") });
  return { vpc: network.getOutput("vpcId") };
};
