const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");

pulumi.runtime.registerResourceTransform(({ type, props, opts }) => {
  if (!type.startsWith("kubernetes:")) return undefined;
  return { props: { ...props, metadata: { ...props.metadata, labels: { team: "ml" } } }, opts };
});
const source = new k8s.core.v1.ConfigMap("source", { data: { a: "1" } });
new k8s.core.v1.ConfigMap("known", { metadata: { name: "known" }, data: { from: source.metadata.name } });
new k8s.core.v1.ConfigMap("unknown", { metadata: { name: "unknown" }, data: { id: source.id } });
new k8s.core.v1.Secret("secret", { metadata: { name: "secret" }, stringData: { a: "x" } });
new k8s.core.v1.ConfigMap(
  "renamed",
  {},
  {
    transforms: [({ props, opts }) => ({ props: { ...props, metadata: { name: "by-transform" } }, opts })],
  },
);
new k8s.core.v1.Namespace("namespace", { metadata: { name: "n" } });
