const { pulumi, Thing } = require("./things.js");

const a = new Thing("a", { x: 1 });
const b = new Thing("b", {});
new Thing("c", {});
new Thing("d", {});
new Thing("e", { from: a.out });
pulumi.log.info("an info", a);
pulumi.log.warn("a warning", b);
pulumi.log.warn("a warning of the stack");
pulumi.log.debug("a debug text");
console.log("printed");
console.error("printed as error");
process.stdout.write("no newline");
