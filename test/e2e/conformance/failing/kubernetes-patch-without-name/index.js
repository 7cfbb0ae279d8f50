const k8s = require("@pulumi/kubernetes");

for (const name of ["a", "b", "c", "d"]) new k8s.core.v1.ConfigMap(name, { metadata: { name } });
new k8s.core.v1.ConfigMapPatch("patch", { data: { a: "1" } });
