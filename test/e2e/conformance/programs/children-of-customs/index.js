const { Thing, Group } = require("./things.js");

const bucket = new Thing("bucket", { kind: "bucket" });
const policy = new Thing("policy", { of: bucket.id }, { parent: bucket });
const rule = new Thing("rule", { of: policy.out, fixed: bucket.kind }, { parent: policy });
const group = new Group("group", { parent: rule });
new Thing("leaf", {}, { parent: group });
new Thing("sibling", { name: rule.fixed }, { parent: bucket, dependsOn: policy });
