/** What a kubeconfig says about an EKS cluster. */
export interface ClusterAccess {
  readonly name: string;
  readonly endpoint: string;
  /** Base64 of the certificate authority's certificate. */
  readonly certificateAuthority: string;
  readonly region: string;
  /** The role to take on before asking for a token; the caller's own identity when absent. */
  readonly role?: string | undefined;
}

/**
 * A kubeconfig that asks the `aws` command for a token each time, so it holds no credentials. `aws` must be on the
 * machine that deploys (https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html).
 */
export function eksKubeconfig({ name, endpoint, certificateAuthority, region, role }: ClusterAccess): string {
  const args = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"];
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "aws",
    args: role ? [...args, "--role-arn", role] : args,
    interactiveMode: "IfAvailable",
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: endpoint, "certificate-authority-data": certificateAuthority } }],
    users: [{ name, user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}
