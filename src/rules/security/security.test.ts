import { describe, expect, it } from "vitest";
import { cpuPod, gpuServer } from "../examples.js";
import { messages, said } from "../fixtures/judged.js";
import { endpointNotPublic } from "./exposure.js";
import { ownIdentity } from "./identity.js";
import { networkPolicy } from "./network.js";
import { nodeMetadata } from "./nodes.js";
import { notebookLocked } from "./notebooks.js";
import { leastPrivilege } from "./policies.js";
import { secretsNotInEnv } from "./secrets.js";

describe("SEC002", () => {
  const pod = (spec: string, annotations = "{}") =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: p, annotations: ${annotations} }\nspec: { containers: [{ name: c }], ${spec} }\n`;

  it.each([
    ["serviceAccountName: p, automountServiceAccountToken: false", []],
    ["serviceAccount: p, automountServiceAccountToken: false", []],
    ["automountServiceAccountToken: false", ["spec.serviceAccountName"]],
    ["serviceAccountName: default, automountServiceAccountToken: false", ["spec.serviceAccountName"]],
    ["serviceAccountName: p", ["spec.automountServiceAccountToken"]],
    ["serviceAccountName: p, automountServiceAccountToken: true", ["spec.automountServiceAccountToken"]],
  ])("finds in a pod with %s %j", (spec, paths) => {
    expect(said(pod(spec), [ownIdentity])).toEqual(paths.map((path) => `SEC002 violation Pod/p ${path}`));
  });

  it("lets a pod have the token that says it needs it", () => {
    expect(said(pod("serviceAccountName: p", '{ plinth.dev/needs-api-token: "true" }'), [ownIdentity])).toEqual([]);
  });

  it("fixes the token only", () => {
    const fix = (path: string) => ownIdentity.fix?.({}, { path });
    expect(fix("spec.template.spec.automountServiceAccountToken")).toEqual([
      { op: "set", path: ["spec", "template", "spec", "automountServiceAccountToken"], value: false },
    ]);
    expect(fix("spec.serviceAccountName")).toEqual([]);
  });
});

describe("SEC003", () => {
  const node = (type: string, spec: string) =>
    `apiVersion: plinth.dev/test\nkind: ${type}\nmetadata: { name: p }\nspec: ${spec}\n`;
  const policy = (statement: string) =>
    node("aws:iam/rolePolicy:RolePolicy", `{ policy: '{ "Statement": ${statement} }' }`);
  const paths = (yaml: string) => said(yaml, [leastPrivilege]).map((line) => line.replace(/^SEC003 (\w+) \S+ /, "$1 "));

  it.each([
    ['{ "Effect": "Allow", "Action": "*", "Resource": "*" }', ["violation policy.Statement.Action"]],
    [
      '[{ "Effect": "Allow", "Action": ["s3:GetObject", "S3:*"], "Resource": "x" }]',
      ["violation policy.Statement[0].Action"],
    ],
    ['[{ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*" }]', ["violation policy.Statement[0].Resource"]],
    ['[{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }]', []],
    [
      '[{ "Effect": "Allow", "Action": "dynamodb:BatchWriteItem", "Resource": ["*"] }]',
      ["violation policy.Statement[0].Resource"],
    ],
    ['[{ "Effect": "Deny", "Action": "*", "Resource": "*" }]', []],
    ['[{ "Effect": "Allow", "Action": "ec2:*", "Resource": "*" }]', []],
  ])("finds in %s %j", (statement, expected) => {
    expect(paths(policy(statement))).toEqual(expected);
  });

  it("reads objects, also with unknown parts, and inline policies of roles", () => {
    const inline = (action: string) =>
      node(
        "aws:iam/role:Role",
        `{ inlinePolicies: [{ name: a, policy: { Statement: [{ Effect: Allow, Action: ${action}, Resource: !unknown }] } }] }`,
      );
    expect(paths(inline("sagemaker:*"))).toEqual(["violation inlinePolicies[0].policy.Statement[0].Action"]);
    expect(paths(inline("s3:PutObject"))).toEqual(["undecided inlinePolicies[0].policy.Statement[0].Resource"]);
    expect(paths(inline("s3:GetObject"))).toEqual([]);
  });

  it("is undecided for an unknown document, and silent for one that is no JSON", () => {
    expect(paths(node("aws:iam/policy:Policy", "{ policy: !unknown }"))).toEqual(["undecided policy"]);
    expect(paths(node("aws:iam/policy:Policy", "{ policy: nonsense }"))).toEqual([]);
  });

  it("knows the broad roles of Google Cloud", () => {
    const member = (role: string) => node("gcp:storage/bucketIAMMember:BucketIAMMember", `{ role: ${role} }`);
    expect(paths(member("roles/storage.admin"))).toEqual(["violation role"]);
    expect(paths(member("roles/storage.objectViewer"))).toEqual([]);
    expect(paths(member("!unknown"))).toEqual(["undecided role"]);
    expect(paths(node("gcp:projects/iAMMember:IAMMember", "{ role: roles/owner }"))).toEqual(["violation role"]);
  });
});

describe("SEC004", () => {
  const server = gpuServer.slice(0, gpuServer.indexOf("---"));
  const policy = (spec: string, namespace = "fraud") =>
    `---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: n, namespace: ${namespace} }\nspec: ${spec}\n`;
  const path = "Deployment/server spec.template.metadata.labels";

  it.each([
    ["no policy", "", ["violation"]],
    ["both in one", policy("{ podSelector: {}, policyTypes: [Ingress, Egress] }"), []],
    [
      "one for each",
      policy("{ podSelector: {} }") +
        policy("{ podSelector: { matchLabels: { app: server } }, egress: [{}] }").replace("name: n", "name: m"),
      [],
    ],
    ["Ingress only, as no types are named", policy("{ podSelector: {} }"), ["violation"]],
    ["Egress by its rules", policy("{ podSelector: {}, egress: [{}] }"), []],
    ["another namespace", policy("{ podSelector: {}, policyTypes: [Ingress, Egress] }", "other"), ["violation"]],
    [
      "other labels",
      policy("{ podSelector: { matchLabels: { app: x } }, policyTypes: [Ingress, Egress] }"),
      ["violation"],
    ],
    ["an unknown selector", policy("{ podSelector: !unknown, policyTypes: [Ingress, Egress] }"), ["undecided"]],
    ["an unknown namespace", policy("{ podSelector: {}, policyTypes: [Ingress, Egress] }", "!unknown"), ["undecided"]],
  ])("judges %s", (_, policies, verdicts) => {
    expect(said(server + policies, [networkPolicy])).toEqual(verdicts.map((verdict) => `SEC004 ${verdict} ${path}`));
  });

  it("names the directions that are missing, and judges no pod without an accelerator", () => {
    expect(messages(server, [networkPolicy])).toEqual([
      'no NetworkPolicy in the namespace "fraud" selects the pod for Ingress or Egress',
    ]);
    expect(said(cpuPod, [networkPolicy])).toEqual([]);
  });
});

describe("SEC005", () => {
  const service = (spec: string, annotations = "{}") =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: s, namespace: n, annotations: ${annotations} }\nspec: { ${spec} }\n`;

  it.each([
    ["type: LoadBalancer", "{}", 1],
    ["type: NodePort", "{}", 1],
    ["type: ClusterIP", "{}", 0],
    ["ports: []", "{}", 0],
    ["type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]", "{}", 0],
    ["type: LoadBalancer, loadBalancerSourceRanges: []", "{}", 1],
    ["type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8, 0.0.0.0/0]", "{}", 1],
    ["type: LoadBalancer", '{ service.beta.kubernetes.io/aws-load-balancer-internal: "true" }', 0],
    ["type: LoadBalancer", '{ service.beta.kubernetes.io/aws-load-balancer-internal: "false" }', 1],
    ["type: LoadBalancer", "{ service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing }", 1],
    ["type: LoadBalancer", "{ networking.gke.io/load-balancer-type: Internal }", 0],
    ["type: LoadBalancer", '{ service.beta.kubernetes.io/azure-load-balancer-internal: "true" }', 0],
  ])("finds in a Service with %s and %s %d", (spec, annotations, count) => {
    expect(said(service(spec, annotations), [endpointNotPublic])).toHaveLength(count);
  });

  it("lets pass what is allowed by name", () => {
    const asked = (name: string) => ({ parameters: { SEC005: { allow: [name] } } });
    expect(said(service("type: NodePort"), [endpointNotPublic], asked("s"))).toEqual([]);
    expect(said(service("type: NodePort"), [endpointNotPublic], asked("n/s"))).toEqual([]);
    expect(said(service("type: NodePort"), [endpointNotPublic], asked("m/s"))).toHaveLength(1);
  });

  it("leaves Services of Knative alone, and asks Ingresses for TLS", () => {
    expect(
      said("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: s }\nspec: { type: NodePort }\n", [
        endpointNotPublic,
      ]),
    ).toEqual([]);
    const ingress = (spec: string, annotations = "{}") =>
      `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: i, annotations: ${annotations} }\nspec: ${spec}\n`;
    expect(said(ingress("{ rules: [] }"), [endpointNotPublic])).toEqual(["SEC005 violation Ingress/i spec.tls"]);
    expect(said(ingress("{ tls: [] }"), [endpointNotPublic])).toHaveLength(1);
    expect(said(ingress("{ tls: [{ secretName: t }] }"), [endpointNotPublic])).toEqual([]);
    expect(said(ingress("{}", "{ alb.ingress.kubernetes.io/certificate-arn: arn }"), [endpointNotPublic])).toEqual([]);
  });
});

describe("SEC006", () => {
  const pod = (entry: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, env: [${entry}] }] }\n`;

  it.each([
    ["{ name: HF_TOKEN, value: x }", 1],
    ["{ name: WANDB_API_KEY, value: x }", 1],
    ["{ name: AWS_SECRET_ACCESS_KEY, value: x }", 1],
    ["{ name: db_password, value: x }", 1],
    ["{ name: MLFLOW_TRACKING_PASSWORD, value: '' }", 0],
    ["{ name: HF_TOKEN }", 0],
    ["{ name: HF_TOKEN, valueFrom: { secretKeyRef: { name: a, key: b } } }", 0],
    ["{ name: HF_TOKEN, value: $(OTHER) }", 0],
    ["{ name: HF_TOKEN, value: x$(OTHER) }", 1],
    ["{ name: HF_TOKEN_PATH, value: /x }", 0],
    ["{ name: DB_PASSWORD_FILE, value: /x }", 0],
    ["{ name: TOKENIZER, value: x }", 0],
    ["{ name: MAX_TOKENS, value: '1' }", 0],
  ])("finds in %s %d", (entry, count) => {
    expect(said(pod(entry), [secretsNotInEnv])).toHaveLength(count);
  });

  it("never prints the value", () => {
    expect(messages(pod("{ name: HF_TOKEN, value: hf_abcdef }"), [secretsNotInEnv])).toEqual([
      "container c: HF_TOKEN has its value in the manifest; allowed is valueFrom.secretKeyRef",
    ]);
  });

  it("is undecided for an unknown value of a secret's name only", () => {
    expect(
      said(pod("{ name: HF_TOKEN, value: !unknown }, { name: PORT, value: !unknown }"), [secretsNotInEnv]),
    ).toEqual(["SEC006 undecided Pod/p spec.containers[0].env[0].value"]);
  });

  it("refuses names that RE2 cannot read", () => {
    expect(secretsNotInEnv.parameters.safeParse({ names: ["(?=x)"] }).success).toBe(false);
    expect(secretsNotInEnv.parameters.safeParse({ names: ["["] }).success).toBe(false);
  });
});

describe("SEC007 and SEC008", () => {
  const node = (type: string, spec: string) =>
    `apiVersion: plinth.dev/test\nkind: ${type}\nmetadata: { name: n }\nspec: ${spec}\n`;
  const paths = (yaml: string) => said(yaml, [nodeMetadata, notebookLocked]).map((line) => line.split(" ").at(-1));

  it.each([
    ["{}", ["metadataOptions.httpTokens"]],
    ["{ metadataOptions: { httpTokens: required } }", []],
    [
      "{ metadataOptions: { httpTokens: optional, httpPutResponseHopLimit: 2 } }",
      ["metadataOptions.httpTokens", "metadataOptions.httpPutResponseHopLimit"],
    ],
    ["{ metadataOptions: { httpEndpoint: disabled } }", []],
    ["{ metadataOptions: !unknown }", ["metadataOptions", "metadataOptions"]],
  ])("judge a launch template with %s", (spec, expected) => {
    expect(paths(node("aws:ec2/launchTemplate:LaunchTemplate", spec))).toEqual(expected);
  });

  it("judge what Karpenter and GKE make nodes from", () => {
    const nodeClass = (spec: string) =>
      `apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: { name: n }\nspec: ${spec}\n`;
    expect(paths(nodeClass("{}"))).toEqual([]);
    expect(paths(nodeClass("{ metadataOptions: { httpPutResponseHopLimit: 2 } }"))).toEqual([
      "spec.metadataOptions.httpPutResponseHopLimit",
    ]);
    expect(paths(nodeClass("{ metadataOptions: { httpTokens: optional } }"))).toEqual([
      "spec.metadataOptions.httpTokens",
    ]);
    const pool = (mode: string) =>
      node("gcp:container/nodePool:NodePool", `{ nodeConfig: { workloadMetadataConfig: { mode: ${mode} } } }`);
    expect(paths(pool("GKE_METADATA"))).toEqual([]);
    expect(paths(pool("GCE_METADATA"))).toEqual(["nodeConfig.workloadMetadataConfig.mode"]);
    expect(paths(node("gcp:container/nodePool:NodePool", "{}"))).toEqual(["nodeConfig.workloadMetadataConfig.mode"]);
  });

  it("judge notebooks field by field", () => {
    expect(paths(node("aws:sagemaker/notebookInstance:NotebookInstance", "{ subnetId: !unknown }"))).toEqual([
      "rootAccess",
      "directInternetAccess",
      "kmsKeyId",
    ]);
    expect(paths(node("gcp:workbench/instance:Instance", "{ gceSetup: { disablePublicIp: false } }"))).toEqual([
      "gceSetup.disablePublicIp",
    ]);
  });
});
