const k8s = require("@pulumi/kubernetes");
const { Thing, pulumi } = require("./things.js");

const cluster = new Thing("cluster", { size: 3 });
const provider = new k8s.Provider("provider", { kubeconfig: cluster.out });
const namespace = new k8s.core.v1.Namespace("namespace", {}, { provider });
new k8s.core.v1.ConfigMap("config", { metadata: { namespace: namespace.metadata.name } }, { provider });
const secret = new k8s.core.v1.Secret("secret", { stringData: { a: "x" } }, { provider });
new k8s.core.v1.ConfigMap("reader", { data: { a: secret.metadata.name } }, { provider });
const group = new pulumi.ComponentResource("test:index:Group", "group", {}, { providers: [provider] });
new k8s.yaml.ConfigFile("file", { file: "manifests.yaml" }, { parent: group });
new k8s.core.v1.ConfigMap("last", {}, { parent: group });
