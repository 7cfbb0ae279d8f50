const { pulumi, Thing, TestProvider } = require("./things.js");

const provider = new TestProvider("provider", { region: "eu" });
const find = (args, opts) => pulumi.runtime.invokeOutput("test:index:find", args, opts);
const source = new Thing("source", { name: "n" });
const found = find({ name: "a" });
new Thing("found", { found: found.found, part: found.object.part, text: pulumi.interpolate`${found.found}!` });
new Thing("by-provider", { found: find({ name: "b" }, { provider }).found });
const ofKnownInput = find({ name: source.name });
new Thing("of-new-resource", { found: ofKnownInput.found, whole: ofKnownInput });
new Thing("of-unknown", { found: find({ name: source.out }).found });
new Thing("waiting", { found: find({ name: "c" }, { dependsOn: [source] }).found });
const secret = find({ name: pulumi.secret("a") });
new Thing("secret", { found: secret.found, list: secret.list });
new Thing("of-both", { all: pulumi.all([found.found, source.out]) });
exports.found = found.found;
exports.secret = secret.object;
