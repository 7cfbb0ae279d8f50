/**
 * Manifests that keep every rule of the catalogue; the examples of the rules are these with a line or two changed.
 */

const image =
  "docker.io/nginxinc/nginx-unprivileged:1.30.5-alpine-slim@sha256:3af0c10d960cc2502427fe1219c52989d309e7d65596869c60a34fd2fa2406f0";

/** A pod without an accelerator. */
export const cpuPod = `apiVersion: v1
kind: Pod
metadata: { name: web, namespace: fraud, labels: { app: web } }
spec:
  serviceAccountName: web
  automountServiceAccountToken: false
  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
  containers:
    - name: web
      image: ${image}
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;

/** What a namespace with GPU workloads needs beside them: a quota, and policies that close its network. */
export const gpuNamespace = `---
apiVersion: v1
kind: ResourceQuota
metadata: { name: gpus, namespace: fraud }
spec: { hard: { requests.nvidia.com/gpu: 8 } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: fraud }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
`;

/** What keeps one pod of an application at most away during maintenance. */
export function disruptionBudget(app: string): string {
  return `---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${app}, namespace: fraud }
spec: { maxUnavailable: 1, selector: { matchLabels: { app: ${app} } } }
`;
}

/** A Rollout of a web server whose canary has these lines, indented by six. */
export function canaryRollout(strategy: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: web, namespace: fraud }
spec:
  replicas: 4
  selector: { matchLabels: { app: web } }
  strategy:
    canary:
${strategy}
  template:
    metadata: { labels: { app: web } }
    spec:
      serviceAccountName: web
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: web
          image: ${image}
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
${disruptionBudget("web")}`;
}

/** A server that loads its model from a volume onto a GPU. */
export const gpuServer = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
  namespace: fraud
  annotations:
    plinth.dev/owner: risk
    plinth.dev/rollout: rolling-accepted
spec:
  replicas: 2
  selector: { matchLabels: { app: server } }
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } }
  template:
    metadata:
      labels: { app: server }
      annotations:
        plinth.dev/model-version: "42"
        plinth.dev/model-digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    spec:
      serviceAccountName: server
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 60
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4 }
      tolerations:
        - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }
      containers:
        - name: server
          image: nvcr.io/nvidia/tritonserver:26.06-py3@sha256:a40838bb4587d2aceb46b1e7fd144afb24c9016c219dd3eba31716e4e28dbfc7
          args: [tritonserver, --model-repository=/models]
          ports: [{ containerPort: 8000 }]
          readinessProbe: { httpGet: { path: /v2/health/ready, port: 8000 } }
          startupProbe: { httpGet: { path: /v2/health/ready, port: 8000 }, failureThreshold: 60 }
          resources:
            requests: { cpu: "2" }
            limits: { memory: 16Gi, nvidia.com/gpu: 1 }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumeMounts:
            - { name: models, mountPath: /models, readOnly: true }
      volumes:
        - name: models
          persistentVolumeClaim: { claimName: models, readOnly: true }
${disruptionBudget("server")}${gpuNamespace}`;

/** A training run on a GPU of a spot node, which writes checkpoints. */
export const gpuJob = `apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: fraud }
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 86400
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels: { app: train }
      annotations:
        karpenter.sh/do-not-disrupt: "true"
        plinth.dev/checkpoint: s3://checkpoints/fraud
    spec:
      restartPolicy: Never
      serviceAccountName: train
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      nodeSelector: { nvidia.com/gpu.product: NVIDIA-L4, karpenter.sh/capacity-type: spot }
      tolerations:
        - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }
      containers:
        - name: train
          image: registry.example.com/fraud/train:1.4.2@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
          args: [python, train.py]
          resources:
            requests: { cpu: "4" }
            limits: { memory: 16Gi, nvidia.com/gpu: 1 }
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
${gpuNamespace}`;

/** The text with one part exchanged. @throws Error when the part is not there: an example would then show nothing. */
export function changed(example: string, part: string, replacement: string): string {
  if (!example.includes(part)) throw new Error(`the example has no ${JSON.stringify(part)}`);
  return example.replace(part, () => replacement);
}
