const k8s = require("@pulumi/kubernetes");

// What the provider's round trip through Go types drops or rewrites: empty parts, false, long forms of quantities.
const selector = { matchLabels: { app: "a" } };
const pod = (spec) => ({ metadata: { labels: { app: "a" }, annotations: {} }, spec });
const limits = { cpu: "1000m", memory: "1024Mi", "nvidia.com/gpu": 1 };
new k8s.apps.v1.Deployment("server", {
  metadata: { name: "server", creationTimestamp: "2024-01-01T00:00:00Z", labels: {} },
  spec: {
    selector,
    template: pod({
      hostNetwork: false,
      initContainers: [],
      containers: [{ name: "main", image: "i", env: [], resources: { limits }, securityContext: {} }],
      volumes: [{ name: "v", emptyDir: {} }],
    }),
  },
});
new k8s.core.v1.ServiceAccount("account", { metadata: { name: "account", annotations: {} } });
new k8s.networking.v1.NetworkPolicy("policy", { metadata: { name: "p" }, spec: { podSelector: {}, ingress: [] } });
new k8s.core.v1.ConfigMap("empty", { metadata: { name: "empty" }, data: {}, immutable: false });
new k8s.core.v1.PersistentVolumeClaim("claim", {
  metadata: { name: "claim" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Gi" } } },
});
new k8s.core.v1.ConfigMap("unknown", {
  metadata: { name: "u", labels: {} },
  data: { id: new k8s.core.v1.ConfigMap("c").id },
});
