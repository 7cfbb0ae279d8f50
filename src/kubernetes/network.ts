import type { networking } from "@pulumi/kubernetes/types/input.js";

type EgressRule = networking.v1.NetworkPolicyEgressRule;

/**
 * Egress to the cluster's DNS: CoreDNS, and NodeLocal DNSCache, which answers at a link-local address of the node
 * (https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/).
 */
export const DNS_EGRESS: EgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
    { ipBlock: { cidr: "169.254.20.10/32" } },
  ],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** Egress by HTTPS to anywhere but the clouds' metadata services, which hand out the node's own credentials. */
export const HTTPS_EGRESS: EgressRule = {
  to: [
    { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } },
    { ipBlock: { cidr: "::/0", except: ["fd00:ec2::254/128"] } },
  ],
  ports: [{ protocol: "TCP", port: 443 }],
};

/** Egress to addresses at one TCP port each. */
export function egressTo(addresses: readonly { readonly cidr: string; readonly port: number }[]): EgressRule[] {
  return addresses.map(({ cidr, port }) => ({ to: [{ ipBlock: { cidr } }], ports: [{ protocol: "TCP", port }] }));
}

/** The selector of a namespace by the label that Kubernetes itself sets. */
export function namespaceNamed(name: string): { matchLabels: Record<string, string> } {
  return { matchLabels: { "kubernetes.io/metadata.name": name } };
}
