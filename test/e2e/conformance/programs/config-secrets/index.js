const { pulumi, Thing } = require("./things.js");

const config = new pulumi.Config();
const password = config.requireSecret("password");
new Thing("direct", { password });
new Thing("nested", { deep: { list: ["open", password], more: { password } } });
new Thing("interpolated", { url: pulumi.interpolate`https://user:${password}@example.com` });
new Thing("length", { length: password.length, upper: password.apply((text) => text.toUpperCase()) });
new Thing("opened", { open: pulumi.unsecret(password).apply((text) => text.length) });
new Thing("number", { port: config.requireSecretNumber("port") });
new Thing("object", { settings: config.requireSecretObject("settings") });
const carrier = new Thing("carrier", { password });
new Thing("reader", { again: carrier.password, out: carrier.out });
exports.password = password;
exports.combined = pulumi.all([password, carrier.password]).apply(([a, b]) => a + b);
