const k8s = require("@pulumi/kubernetes");

new k8s.apiextensions.CustomResource("widget", {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name: "widget" },
  spec: { size: 3, list: [{ a: null }] },
});
new k8s.apiextensions.CustomResource("unnamed", { apiVersion: "example.com/v1", kind: "Gadget", spec: {} });
new k8s.apiextensions.CustomResource("elsewhere", {
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { namespace: "team" },
});
new k8s.apiextensions.v1.CustomResourceDefinition("crd", {
  metadata: { name: "widgets.example.com" },
  spec: {
    group: "example.com",
    scope: "Namespaced",
    names: { kind: "Widget", plural: "widgets", singular: "widget" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
      },
    ],
  },
});
new k8s.core.v1.ConfigMapPatch("patch", { metadata: { name: "there", namespace: "n" }, data: { a: "1" } });
new k8s.core.v1.NodePatch("node", { metadata: { name: "node-1", labels: { x: "y" } } });
new k8s.scheduling.v1.PriorityClass("urgent", { value: 1000, metadata: { name: "urgent" } });
new k8s.batch.v1.CronJob("job", {
  spec: {
    schedule: "* * * * *",
    jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } } },
  },
});
