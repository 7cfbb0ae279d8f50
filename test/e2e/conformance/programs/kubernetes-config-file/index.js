const k8s = require("@pulumi/kubernetes");

const file = new k8s.yaml.ConfigFile("file", {
  file: "manifests.yaml",
  transformations: [
    (object) => {
      if (object.kind === "Service") object.metadata.labels = { added: "yes" };
    },
  ],
});
new k8s.yaml.ConfigGroup(
  "group",
  {
    yaml: ["apiVersion: v1\nkind: ConfigMap\nmetadata: { name: inline }\n"],
    objs: [{ apiVersion: "v1", kind: "Secret", metadata: { name: "object" }, stringData: { a: "x" } }],
  },
  { protect: true },
);
new k8s.yaml.ConfigFile("prefixed", { file: "manifests.yaml", resourcePrefix: "second" });
new k8s.core.v1.ConfigMap("after", { metadata: { name: "after" } }, { dependsOn: file });
exports.service = file.getResource("v1/Service", "team/web").metadata.name;
