const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");

const text = new k8s.core.v1.Secret("text", { metadata: { name: "text" }, stringData: { a: "x", b: "łódź" } });
new k8s.core.v1.Secret("encoded", { metadata: { name: "encoded" }, data: { b: "eQ==" } });
new k8s.core.v1.Secret("both", { metadata: { name: "both" }, stringData: { a: "x" }, data: { a: "bm8=", b: "eQ==" } });
new k8s.core.v1.Secret("secret-value", {
  metadata: { name: "sv" },
  stringData: { a: pulumi.secret("hidden"), b: "y" },
});
const config = new k8s.core.v1.ConfigMap("config", { metadata: { name: "config" } });
new k8s.core.v1.Secret("unknown", { metadata: { name: "unknown" }, stringData: { id: config.id, plain: "p" } });
new k8s.core.v1.Secret("empty", { metadata: { name: "empty" }, type: "Opaque" });
new k8s.core.v1.Secret("immutable", { metadata: { name: "i" }, immutable: true, stringData: {} });
new k8s.core.v1.ConfigMap("reader", { metadata: { name: "reader" }, data: { data: text.data.a } });
exports.data = text.data;
exports.stringData = text.stringData;
