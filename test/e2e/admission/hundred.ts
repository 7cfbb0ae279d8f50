/** Pods as large as anybody writes them: what the policies cost must stay below an API server's limits. */

const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

/** A Deployment of a pod with a hundred containers, each with twenty variables, arguments and mounts. */
export function hundredContainers(container: object = {}) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "hundred" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "hundred" } },
      template: {
        metadata: {
          labels: { app: "hundred" },
          annotations: Object.fromEntries(times(20, (at) => [`example.com/annotation-${at}`, "x".repeat(200)])),
        },
        spec: {
          serviceAccountName: "hundred",
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          nodeSelector: Object.fromEntries(times(10, (at) => [`example.com/label-${at}`, "value"])),
          tolerations: times(10, (at) => ({
            key: `example.com/taint-${at}`,
            operator: "Exists",
            effect: "NoSchedule",
          })),
          volumes: times(20, (at) => ({ name: `volume-${at}`, emptyDir: {} })),
          containers: times(100, (at) => ({
            name: `container-${at}`,
            image: `registry.example.com/team/project/server:1.${at}.0@${digest}`,
            command: ["python", "-m", "server"],
            args: times(20, (index) => `--option-${index}=value-${index}`),
            env: times(20, (index) => ({ name: `VARIABLE_${index}`, value: `value-${index}` })),
            ports: times(3, (index) => ({ containerPort: 1000 + at * 3 + index, name: `p-${at}-${index}` })),
            readinessProbe: { httpGet: { path: "/ready", port: 8000 } },
            resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            volumeMounts: times(20, (index) => ({ name: `volume-${index}`, mountPath: `/data/${index}` })),
            ...container,
          })),
        },
      },
    },
  };
}
