const { pulumi, Thing } = require("./things.js");

pulumi.runtime.registerResourceTransform(() => {
  throw new Error("this transform is broken");
});

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });
