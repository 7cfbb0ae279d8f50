const { pulumi, Thing, Group } = require("./things.js");

const source = new Thing("source", { name: "n" });
const known = new pulumi.Stash("known", { input: { a: 1, b: ["x"] } });
const unknown = new pulumi.Stash("unknown", { input: source.out });
const secret = new pulumi.Stash("secret", { input: pulumi.secret("hunter22") });
new Thing("reader", { known: known.output, part: known.output.a, unknown: unknown.output, secret: secret.output });
const group = new Group("group");
new pulumi.Stash("inside", { input: source.name }, { parent: group });
exports.known = known.output;
exports.input = known.input;
