const k8s = require("@pulumi/kubernetes");

const unnamed = new k8s.core.v1.ConfigMap("unnamed", { data: { a: "1" } });
const named = new k8s.core.v1.ConfigMap("named", { metadata: { name: "mine", labels: { x: "y" } } });
new k8s.core.v1.ConfigMap("placed", { metadata: { name: "placed", namespace: "elsewhere" } });
const namespace = new k8s.core.v1.Namespace("namespace");
new k8s.core.v1.ConfigMap("in-new-namespace", { metadata: { namespace: namespace.metadata.name } });
new k8s.core.v1.ConfigMap("annotated", { metadata: { annotations: { own: "kept" } } });
new k8s.rbac.v1.ClusterRole("cluster-role", { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] });
new k8s.storage.v1.StorageClass("fast", { metadata: { name: "fast" }, provisioner: "example.com/fast" });
new k8s.apps.v1.Deployment("server", {
  spec: {
    selector: { matchLabels: { app: "server" } },
    template: {
      metadata: { labels: { app: "server" } },
      spec: { containers: [{ name: "main", image: "nginx", env: [{ name: "FROM", value: unnamed.metadata.name }] }] },
    },
  },
});
new k8s.core.v1.Service("service", { spec: { ports: [{ port: 80 }], selector: { app: "server" } } });
exports.unnamed = unnamed.metadata.name;
exports.named = named.metadata.name;
exports.uid = named.metadata.uid;
