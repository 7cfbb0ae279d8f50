const { pulumi, Thing } = require("./things.js");

pulumi.runtime.registerStackTransformation(() => {
  throw new Error("this transformation is broken");
});

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });
