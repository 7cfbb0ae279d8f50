const { pulumi, Thing } = require("./things.js");

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });

module.exports = pulumi.runtime.invoke("test:index:fail", { reason: "no such thing" }).then((found) => found.x);
