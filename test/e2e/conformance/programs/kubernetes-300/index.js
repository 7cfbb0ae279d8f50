const k8s = require("@pulumi/kubernetes");

const settings = new k8s.core.v1.ConfigMap("settings", { metadata: { name: "settings" }, data: { a: "1" } });
for (let i = 0; i < 300; i++) {
  new k8s.apps.v1.Deployment(`app-${i}`, {
    metadata: { name: `app-${i}`, labels: { app: `app-${i}` } },
    spec: {
      replicas: i % 3,
      selector: { matchLabels: { app: `app-${i}` } },
      template: {
        metadata: { labels: { app: `app-${i}` } },
        spec: {
          containers: [
            { name: "main", image: "nginx:1", envFrom: [{ configMapRef: { name: settings.metadata.name } }] },
          ],
        },
      },
    },
  });
}
