const k8s = require("@pulumi/kubernetes");
const pulumi = require("@pulumi/pulumi");

new k8s.helm.v3.Release("release", {
  chart: "./chart",
  name: "release",
  namespace: "charts",
  values: { image: { tag: "1" }, token: pulumi.secret("s3cr3t") },
});
new k8s.helm.v3.Chart("chart", { path: "./chart", namespace: "charts" });
new k8s.kustomize.Directory("directory", { directory: "./kustomize" });
const group = new pulumi.ComponentResource("test:index:Group", "group");
const account = new k8s.core.v1.ServiceAccount("account", { metadata: { name: "account" } });
new k8s.rbac.v1.RoleBinding(
  "binding",
  {
    metadata: { name: "binding" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
    subjects: [{ kind: "ServiceAccount", name: account.metadata.name }],
  },
  { dependsOn: group },
);
