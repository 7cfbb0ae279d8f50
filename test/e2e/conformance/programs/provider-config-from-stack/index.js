const { pulumi, Thing, TestProvider } = require("./things.js");

const config = new pulumi.Config("test");
new Thing("a", { region: config.require("region") });
new Thing("b", { token: config.requireSecret("token") });
const own = new TestProvider("own", { region: "elsewhere" });
new Thing("c", {}, { provider: own });
new Thing("d", {}, { version: "1.2.3" });
exports.list = config.requireObject("zones");
