import * as pulumi from "@pulumi/pulumi";
import { ExistingCluster, engine, GpuPlacement, InferenceEndpoint, ModelArtifact } from "plinth";

const config = new pulumi.Config();

const cluster = new ExistingCluster("cluster", {
  kubeconfig: config.requireSecret("kubeconfig"),
  environment: "development",
  namespace: "models",
});

const chat = new InferenceEndpoint("chat", {
  platform: cluster,
  model: ModelArtifact.from({
    uri: "https://models.example.com/chat/3",
    version: "3",
    digest: "sha256:8c7d2e5f1a3b4c6d9e0f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d",
  }),
  engine: engine.vllm({ maxModelLength: 8192 }),
  gpu: GpuPlacement.fromNodes({ gpus: 1, nodeSelector: { "nvidia.com/gpu.product": "NVIDIA-L4" } }),
  download: { disk: "40Gi" },
});

export const url = chat.url;
