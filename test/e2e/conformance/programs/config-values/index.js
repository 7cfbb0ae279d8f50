const { pulumi, Thing } = require("./things.js");

const config = new pulumi.Config();
const other = new pulumi.Config("other");
new Thing("text", { value: config.require("text"), missing: config.get("missing") ?? "none" });
new Thing("number", { value: config.requireNumber("count"), half: config.requireNumber("half") });
new Thing("boolean", { yes: config.requireBoolean("yes"), no: config.getBoolean("no") });
new Thing("object", { value: config.requireObject("object"), list: config.requireObject("list") });
new Thing("defaults", { value: config.require("fallback"), typed: config.requireNumber("typed") });
new Thing("other", { value: other.require("name"), empty: config.get("empty") });
new Thing("enums", { size: config.get("size", { allowedValues: ["small", "large"] }) });
module.exports = { stack: pulumi.getStack(), project: pulumi.getProject(), organization: pulumi.getOrganization() };
