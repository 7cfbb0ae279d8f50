const { pulumi, Thing } = require("./things.js");

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });

throw new pulumi.ResourceError("this resource is wrong", new Thing("wrong", {}), true);
