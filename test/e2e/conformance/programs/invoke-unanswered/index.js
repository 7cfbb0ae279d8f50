const { pulumi, Thing, Group } = require("./things.js");

const found = pulumi.runtime.invokeOutput("test:index:ask", { name: "a" });
new Thing("found", { answer: found.answer });
new Thing("part", { part: found.object.part, more: pulumi.interpolate`${found.answer}!` });
const group = new Group("group", {}, { answer: found.answer });
new Thing("inside", { whole: found.object }, { parent: group });
new Thing("plain", { x: 1 });
exports.answer = found.answer;
