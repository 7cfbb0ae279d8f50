import { z } from "zod";
import { allOf, anyOf, has, metadataValue, not } from "../cel.js";
import { changed } from "../examples.js";
import { defineObjectRule } from "../rule.js";

/**
 * Annotations that make the load balancer of a Service reachable from its own network only, with the values that do.
 *
 * Sources (2026-08): https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer;
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#lb-scheme;
 * https://cloud.google.com/kubernetes-engine/docs/how-to/internal-load-balancing.
 */
export const INTERNAL_ANNOTATIONS: { readonly [key: string]: readonly string[] } = {
  "service.beta.kubernetes.io/aws-load-balancer-scheme": ["internal"],
  "service.beta.kubernetes.io/aws-load-balancer-internal": ["true", "0.0.0.0/0"],
  "networking.gke.io/load-balancer-type": ["Internal"],
  "cloud.google.com/load-balancer-type": ["Internal", "internal"],
  "service.beta.kubernetes.io/azure-load-balancer-internal": ["true"],
  "service.beta.kubernetes.io/openstack-internal-load-balancer": ["true"],
  "service.beta.kubernetes.io/cce-load-balancer-internal-vpc": ["true"],
  "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": [],
  "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": ["intranet"],
  "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": ["private"],
  "service.beta.kubernetes.io/oci-load-balancer-internal": ["true"],
};

/**
 * Annotations by which an Ingress controller terminates TLS without `spec.tls`.
 *
 * Sources (2026-08): https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#ssl;
 * https://cloud.google.com/kubernetes-engine/docs/how-to/ingress-multi-ssl,
 * https://cloud.google.com/kubernetes-engine/docs/how-to/managed-certs.
 */
export const TLS_ANNOTATIONS = [
  "alb.ingress.kubernetes.io/certificate-arn",
  "ingress.gcp.kubernetes.io/pre-shared-cert",
  "networking.gke.io/managed-certificates",
] as const;

const annotation = (key: string) => metadataValue("object", "annotations", key);

const isInternal = anyOf(
  ...Object.entries(INTERNAL_ANNOTATIONS).map(([key, values]) =>
    values.length === 0 ? `${annotation(key)} != ""` : `${annotation(key)} in ${JSON.stringify(values)}`,
  ),
);

const isAllowed =
  '(has(object.metadata) && has(object.metadata.name) && (object.metadata.name in variables.config.allow || (has(object.metadata.namespace) && object.metadata.namespace + "/" + object.metadata.name in variables.config.allow)))';

const good = `apiVersion: v1
kind: Service
metadata:
  name: fraud
  namespace: fraud
  annotations: { service.beta.kubernetes.io/aws-load-balancer-scheme: internal }
spec:
  type: LoadBalancer
  selector: { app: server }
  ports: [{ port: 8000 }]
`;

/** SEC005: what a cluster serves is not open to everyone by a line in a Service. */
export const endpointNotPublic = defineObjectRule({
  id: "SEC005",
  name: "endpoint-not-public",
  pack: "security",
  severity: "high",
  statement: "Services are not open to the internet, and what an Ingress serves is encrypted.",
  why: "Inference servers have no authentication of their own: a public address lets anyone use the GPUs, copy the model by asking it, and read what others send in clear text.",
  source: "https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer",
  semantics:
    "A Service of type LoadBalancer has an annotation that makes it internal (AWS, Google Cloud, Azure and others; the table is in the documentation of the rule), or loadBalancerSourceRanges without 0.0.0.0/0 and ::/0. A Service of type NodePort is a finding. An Ingress has spec.tls, or an annotation by which the AWS or the Google Cloud controller serves TLS. Objects named in `allow` pass. Gateways are not judged.",
  parameters: z.strictObject({
    allow: z
      .array(z.string().min(1))
      .default([])
      .describe("Services and Ingresses that may be public: `name`, or `namespace/name`."),
  }),
  bad: changed(good, "\n  annotations: { service.beta.kubernetes.io/aws-load-balancer-scheme: internal }", ""),
  good,
  checks: [
    {
      each: "object",
      kinds: ["Service"],
      when: allOf('object.apiVersion == "v1"', has("object", "spec.type"), not(isAllowed)),
      expression: `(object.spec.type == "LoadBalancer" ? ${anyOf(
        isInternal,
        allOf(
          "has(object.spec.loadBalancerSourceRanges)",
          "size(object.spec.loadBalancerSourceRanges) > 0",
          'object.spec.loadBalancerSourceRanges.all(r, r.trim() != "0.0.0.0/0" && r.trim() != "::/0")',
        ),
      )} : object.spec.type != "NodePort")`,
      path: "spec.type",
      message:
        'object.spec.type == "NodePort" ? "the Service opens a port on every node; allowed are ClusterIP and an internal LoadBalancer" : "the load balancer of the Service is public; allowed is one made internal by its cloud\'s annotation, or loadBalancerSourceRanges"',
    },
    {
      each: "object",
      kinds: ["Ingress"],
      when: not(isAllowed),
      expression: anyOf(
        allOf(has("object", "spec.tls"), "size(object.spec.tls) > 0"),
        ...TLS_ANNOTATIONS.map((key) => `${annotation(key)} != ""`),
      ),
      path: "spec.tls",
      message: '"the Ingress serves without TLS; allowed is spec.tls with a certificate"',
    },
  ],
});
