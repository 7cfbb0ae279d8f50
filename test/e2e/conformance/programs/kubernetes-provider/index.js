const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");

const kubeconfig = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "nowhere",
  clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:1" } }],
  contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "nobody", namespace: "from-context" } }],
  users: [{ name: "nobody", user: { token: "none" } }],
});
const plain = new k8s.Provider("plain", { kubeconfig });
const team = new k8s.Provider("team", { kubeconfig: pulumi.secret(kubeconfig), namespace: "team" });
const clientSide = new k8s.Provider("client-side", { kubeconfig, enableServerSideApply: false });
new k8s.core.v1.ConfigMap("from-context", { data: { a: "1" } }, { provider: plain });
new k8s.core.v1.ConfigMap("from-provider", { metadata: { name: "named" } }, { provider: team });
new k8s.core.v1.ConfigMap("own", { metadata: { name: "named", namespace: "own" } }, { provider: team });
new k8s.core.v1.Namespace("namespace", { metadata: { name: "n" } }, { provider: team });
new k8s.core.v1.ConfigMap("generated", { metadata: { generateName: "gen-" } }, { provider: clientSide });
new k8s.core.v1.ConfigMap("client-side", {}, { provider: clientSide });
const group = new pulumi.ComponentResource("test:index:Group", "group", {}, { providers: [team] });
new k8s.apps.v1.Deployment(
  "inherited",
  {
    spec: {
      selector: { matchLabels: { a: "b" } },
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "main", image: "i" }] } },
    },
  },
  { parent: group },
);
