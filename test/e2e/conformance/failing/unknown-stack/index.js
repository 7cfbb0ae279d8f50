const { pulumi, Thing } = require("./things.js");

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });

exports.x = new pulumi.StackReference("organization/nowhere/dev").getOutput("x");
