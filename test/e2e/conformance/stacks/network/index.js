// Deployed before the programs: the stack that they refer to.
module.exports = { vpcId: "vpc-1", zones: ["a", "b"], settings: { deep: { name: "n" } } };
