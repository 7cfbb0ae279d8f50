import type { networking } from "@pulumi/kubernetes/types/input.js";
import { DNS_EGRESS, egressTo, HTTPS_EGRESS, namespaceNamed } from "../../kubernetes/network.js";
import { prometheusNamespace } from "../../platform/addons.js";
import type { InferenceEndpointArgs } from "./args.js";
import type { EndpointPlan } from "./plan.js";

/**
 * Who may reach the pods: those of the namespace and of `network.clients` on the ports that answer, Prometheus on the
 * one that has metrics. What they may reach: DNS, HTTPS, where their credentials come from, and `network.egress`.
 */
export function endpointNetwork(
  args: InferenceEndpointArgs,
  plan: EndpointPlan,
  credentialAddresses: readonly { readonly cidr: string; readonly port: number }[],
): networking.v1.NetworkPolicySpec {
  const { metrics, ports } = plan.engine;
  const answering = ports.filter(({ name }) => name !== "metrics");
  const scraped = ports.filter(({ name }) => name === metrics?.port);
  const monitoring = prometheusNamespace(args.platform.addons);
  const clients = (args.network?.clients ?? []).map((name) => ({ namespaceSelector: namespaceNamed(name) }));
  return {
    podSelector: { matchLabels: plan.selector },
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [{ podSelector: {} }, ...clients], ports: answering.map(tcp) },
      ...(monitoring && scraped.length > 0
        ? [{ from: [{ namespaceSelector: namespaceNamed(monitoring) }], ports: scraped.map(tcp) }]
        : []),
    ],
    egress: [DNS_EGRESS, HTTPS_EGRESS, ...egressTo(credentialAddresses), ...egressTo(args.network?.egress ?? [])],
  };
}

function tcp({ port }: { readonly port: number }) {
  return { protocol: "TCP", port };
}
