import { z } from "zod";
import type { ResourceNode, Value } from "../../graph/model.js";
import { demand, type Keys } from "../cloud.js";
import { defineGraphRule, type GraphOutcome } from "../rule.js";
import { either, is, read } from "../truth.js";

const good = `apiVersion: plinth.dev/test
kind: aws:ec2/launchTemplate:LaunchTemplate
metadata: { name: gpu }
spec:
  metadataOptions: { httpTokens: required, httpPutResponseHopLimit: 1 }
`;

/** The options of a machine's metadata service at EC2; without a limit an answer makes one hop, which ends at the node. */
function metadataOptions(node: ResourceNode, keys: Keys, defaultTokens: string): readonly GraphOutcome[] {
  const isOff = is(read(node.inputs, [...keys, "httpEndpoint"]), "disabled");
  const isOneHop = (limit: Value | undefined) => limit === undefined || (typeof limit === "number" && limit <= 1);
  return [
    ...demand(
      node,
      [...keys, "httpTokens"],
      (tokens = defaultTokens) => either(tokens === "required", isOff),
      (found) => `${found}; allowed is "required"`,
    ),
    ...demand(
      node,
      [...keys, "httpPutResponseHopLimit"],
      (limit) => either(isOneHop(limit), isOff),
      (found) => `${found}; allowed is 1`,
    ),
  ];
}

/** SEC007: pods cannot take their node's credentials. */
export const nodeMetadata = defineGraphRule({
  id: "SEC007",
  name: "node-metadata",
  pack: "security",
  severity: "high",
  statement: "The metadata service of nodes gives no credentials to pods.",
  why: "A pod that can ask the metadata service has the node's role: pulling every image, reading every bucket that nodes may read, joining machines to the cluster.",
  source: "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
  semantics:
    "An aws:ec2/launchTemplate:LaunchTemplate has metadataOptions.httpTokens required (absent is a finding: the default depends on account and image) and a httpPutResponseHopLimit of at most 1 (absent is 1), or switches the service off (httpEndpoint disabled). A Karpenter EC2NodeClass may leave both out, since Karpenter then requires tokens and allows one hop; what it sets must be so. A gcp:container/nodePool:NodePool has nodeConfig.workloadMetadataConfig.mode GKE_METADATA.",
  parameters: z.strictObject({}),
  bad: good.replace("httpPutResponseHopLimit: 1", "httpPutResponseHopLimit: 2"),
  good,
  check: (view) => [
    ...view
      .ofType(/^aws:ec2\/launchTemplate:LaunchTemplate$/)
      .flatMap((node) => metadataOptions(node, ["metadataOptions"], "optional")),
    ...view
      .objects("karpenter.k8s.aws/EC2NodeClass")
      .flatMap(({ node }) => metadataOptions(node, ["spec", "metadataOptions"], "required")),
    ...view.ofType(/^gcp:container\/nodePool:NodePool$/).flatMap((node) =>
      demand(
        node,
        ["nodeConfig", "workloadMetadataConfig", "mode"],
        (mode) => mode === "GKE_METADATA",
        (found) => `${found}; allowed is "GKE_METADATA"`,
      ),
    ),
  ],
});
