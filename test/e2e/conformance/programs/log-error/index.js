const { pulumi, Thing } = require("./things.js");

const things = ["a", "b", "c", "d", "e"].map((name) => new Thing(name, { name }));
pulumi.log.error("something is wrong", things[0]);
pulumi.log.error("something is wrong with the stack");
