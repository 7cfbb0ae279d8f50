const { pulumi, Thing } = require("./things.js");

const source = new Thing("source", { token: pulumi.secret("t") }, { additionalSecretOutputs: ["out"] });
const plain = new Thing("plain", {});
new Thing("secret-of-unknown", { a: pulumi.secret(plain.out), deep: { b: [pulumi.secret(plain.out)] } });
new Thing("unknown-secret-output", { a: source.out, text: pulumi.interpolate`${source.out}!` });
new Thing("both", {
  text: pulumi.interpolate`${source.token}/${plain.out}`,
  all: pulumi.all([source.token, plain.id]),
});
new Thing("id", { a: pulumi.secret(plain.id), b: pulumi.secret({ id: plain.id, known: 1 }) });
new Thing("opened", { a: pulumi.unsecret(source.out) });
exports.a = pulumi.secret(plain.out);
exports.b = { c: source.out };
