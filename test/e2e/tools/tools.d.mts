export interface Tool {
  readonly module: string;
  readonly package: string;
  readonly binary: string;
  readonly ldflags: readonly string[];
  readonly about: string;
}

export type ToolName =
  | "etcd"
  | "kwok"
  | "registry"
  | "actionlint"
  | "pulumi"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "rollouts-controller"
  | "pulumi-resource-kubernetes";

export const tools: Readonly<Record<ToolName, Tool>>;
