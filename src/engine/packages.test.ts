import { describe, expect, test } from "vitest";
import { run, stack, urn } from "./fixtures/harness.js";

describe.concurrent("Kubernetes objects", () => {
  test("get the names and namespaces that the provider would give, the same in each run", async () => {
    const { node } = await run(`
const prov = new k8s.all.Provider("prov", { namespace: "team" });
new k8s.core.v1.ConfigMap("a", {}); new k8s.core.v1.ConfigMap("b", { metadata: { name: "b", labels: { x: "y" } } }, { provider: prov });
new k8s.core.v1.Namespace("n", { metadata: { name: "n" } });
new k8s.all.apiextensions.CustomResource("w", { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" } });`);
    expect(node("a").inputs.metadata).toEqual({
      name: expect.stringMatching(/^a-[0-9a-f]{8}$/),
      namespace: "default",
      annotations: { "pulumi.com/autonamed": "true" },
    });
    expect(node("a").generated).toEqual([
      'metadata.annotations["pulumi.com/autonamed"]',
      "metadata.name",
      "metadata.namespace",
    ]);
    expect(node("b").inputs.metadata).toEqual({ name: "b", namespace: "team", labels: { x: "y" } });
    expect(node("b").generated).toEqual(["metadata.namespace"]);
    expect(node("n").inputs.metadata).toEqual({ name: "n" });
    expect(node("n").generated).toBeUndefined();
    expect(node("w").inputs.metadata).toEqual({ name: "w", namespace: "default" });
  });

  test("a Secret's stringData moves into data, withheld", async () => {
    const { node, secrets } = await run(
      'new k8s.core.v1.Secret("s", { metadata: { name: "s" }, stringData: { a: "x" }, data: { b: "eQ==" } });',
    );
    const place = `${urn("kubernetes:core/v1:Secret", "s")}.data`;
    expect(node("s").inputs).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "default" },
      data: { $secret: place },
    });
    expect(secrets.get(place)).toEqual({ a: "eA==", b: "eQ==" });
  });

  test("a provider whose kubeconfig is unknown answers nothing: no names, outputs unknown", async () => {
    const { node } = await run(`
const cluster = new R("cluster", {}); const prov = new k8s.all.Provider("prov", { kubeconfig: cluster.out });
const ns = new k8s.core.v1.Namespace("ns", { metadata: { name: "x" } }, { provider: prov });
new k8s.core.v1.ConfigMap("c", { metadata: { namespace: ns.metadata.name } }, { provider: prov });`);
    expect(node("ns").generated).toBeUndefined();
    expect(node("c").inputs.metadata).toEqual({
      namespace: { $unknown: `${urn("kubernetes:core/v1:Namespace", "ns")}.metadata.name` },
    });
  });

  test("YAML is read as Kubernetes reads it: 010 is octal, yes is true, dates are text", async () => {
    const { node } = await run(
      'new k8s.all.yaml.ConfigGroup("g", { yaml: "apiVersion: x/v1\\nkind: W\\nmetadata: { name: w }\\nspec: { mode: 010, on: yes, day: 2024-01-01 }" });',
    );
    expect(node("w").inputs.spec).toEqual({ mode: 8, true: true, day: "2024-01-01" });
  });

  test("a plain data source of a provider that is not there yet gets an empty answer", async () => {
    const { outputs } = await run(`
class P extends pulumi.ProviderResource { constructor(n, p) { super("t", n, p); } }
const provider = new P("p", { endpoint: new R("r", {}).out });
module.exports = pulumi.runtime.invoke("t:i:ask", {}, { provider }).then((found) => ({ keys: Object.keys(found).length }));`);
    expect(outputs).toEqual({ keys: 0 });
  });

  test("the kubeconfig's own namespace counts", async () => {
    const { node } = await run(`
const kubeconfig = "current-context: a\\ncontexts: [{ name: a, context: { cluster: c, namespace: mine } }]";
new k8s.core.v1.ConfigMap("c", { metadata: { name: "c" } }, { provider: new k8s.all.Provider("prov", { kubeconfig }) });`);
    expect(node("c").inputs.metadata).toEqual({ name: "c", namespace: "mine" });
  });

  test("YAML files become children; charts and kustomizations stay closed and say so", async () => {
    const { node, graph } = await run(`
new k8s.all.yaml.ConfigGroup("files", { yaml: ["apiVersion: v1\\nkind: List\\nitems:\\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\\n- {apiVersion: v1, kind: Namespace, metadata: {name: two}}"],
  transformations: [(o) => { if (o.metadata) o.metadata.labels = { t: "yes" }; }] });
new k8s.all.helm.v3.Chart("old", { chart: "nginx", fetchOpts: { repo: "https://x.example" } });
new k8s.all.helm.v4.Chart("new", { chart: "nginx" }); new k8s.all.helm.v3.Release("rel", { chart: "nginx" });`);
    expect(node("one").inputs.metadata).toEqual({ name: "one", namespace: "default", labels: { t: "yes" } });
    expect(node("one").parent).toBe(urn("kubernetes:yaml:ConfigGroup", "files"));
    expect(node("two").inputs.metadata).toEqual({ name: "two", labels: { t: "yes" } });
    expect(graph.nodes.filter(({ opaque }) => opaque).map(({ name, kind }) => [name, kind])).toEqual([
      ["old", "component"],
      ["rel", "custom"],
      ["new", "remote"],
    ]);
    expect(graph.notices.filter(({ code }) => code === "opaque")).toHaveLength(3);
  });
});

describe.concurrent("data sources", () => {
  test("are computed, answered from the file, or unknown and listed", async () => {
    const { node, graph } = await run(
      `
const aws = require("@pulumi/aws");
const bucket = new aws.s3.Bucket("b", {});
const doc = (r) => aws.iam.getPolicyDocumentOutput({ statements: [{ sid: "S", actions: ["s3:Get", "s3:Put"], resources: [r], principals: [{ type: "AWS", identifiers: ["*"] }] }] }).json;
new R("r", { region: aws.getRegionOutput().region, partition: aws.getPartitionOutput().partition, vpc: aws.ec2.getVpcOutput({ default: true }).id,
  zones: aws.getAvailabilityZonesOutput().names, zone: aws.getAvailabilityZonesOutput().names[0], doc: doc("arn:x"), late: doc(bucket.arn) });
aws.ec2.getVpc({ id: "vpc-2" }).then((v) => new R("plain", { cidr: v.cidrBlock }));`,
      {
        config: { "aws:region": "eu-west-1" },
        files: {
          "plinth.invokes.json": JSON.stringify({
            invokes: [
              { token: "aws:ec2/getVpc:getVpc", args: { default: true }, result: { id: "vpc-1" } },
              { token: "aws:ec2/getVpc:getVpc", args: { id: "vpc-2" }, result: { cidrBlock: "10.0.0.0/16" } },
              { token: "aws:ec2/getAmi:getAmi", result: {} },
            ],
          }),
        },
      },
    );
    expect(node("r").inputs).toEqual({
      region: "eu-west-1",
      partition: "aws",
      vpc: "vpc-1",
      zones: { $unknown: "aws:index/getAvailabilityZones:getAvailabilityZones.names" },
      zone: { $unknown: "aws:index/getAvailabilityZones:getAvailabilityZones.names[0]" },
      doc: JSON.stringify(
        {
          Version: "2012-10-17",
          Statement: [
            { Sid: "S", Effect: "Allow", Action: ["s3:Put", "s3:Get"], Resource: "arn:x", Principal: { AWS: "*" } },
          ],
        },
        null,
        2,
      ),
      late: { $unknown: "aws:iam/getPolicyDocument:getPolicyDocument.json" },
    });
    expect(node("plain").inputs).toEqual({ cidr: "10.0.0.0/16" });
    expect(graph.invokes.map(({ token, answer }) => [token.split(":").at(-1), answer])).toEqual([
      ["getVpc", "file"],
      ["getVpc", "file"],
      ["getPolicyDocument", "computed"],
      ["getAvailabilityZones", "unknown"],
      ["getAvailabilityZones", "unknown"],
      ["getPartition", "computed"],
      ["getRegion", "computed"],
    ]);
    expect(graph.invokes[0]!.source).toMatchObject({ file: "index.js" });
    expect(graph.notices.filter(({ code }) => code === "unused-answer").map(({ message }) => message)).toEqual([
      "plinth.invokes.json: nothing asked for the answer for aws:ec2/getAmi:getAmi.",
    ]);
  });

  test("transforms of data sources change their arguments; secrets in arguments make the result secret", async () => {
    const { outputs, graph } = await run(
      `
pulumi.runtime.registerInvokeTransform((a) => ({ args: { ...a.args, size: 2 }, opts: a.opts }));
exports.plain = pulumi.runtime.invokeOutput("t:i:ask", { a: 1 }).x;
exports.hidden = pulumi.runtime.invokeOutput("t:i:ask", { a: 2, pw: pulumi.secret("hunter22") }).x;`,
      {
        files: {
          "plinth.invokes.json":
            '{ "invokes": [ { "token": "t:i:ask", "args": { "size": 2 }, "result": { "x": "y" } } ] }',
        },
      },
    );
    expect(outputs).toEqual({ plain: "y", hidden: { $secret: `${stack}.outputs.hidden` } });
    expect(graph.invokes.map(({ args }) => args.size)).toEqual([2, 2]);
  });

  test("the state of a resource is found by its URN", async () => {
    const { outputs } = await run(`
class G extends pulumi.CustomResource { constructor(n, o) { super("t:i:R", n, { x: undefined }, o); } }
const r = new R("r", { x: 5 });
exports.x = r.urn.apply((u) => new G("g", { urn: u }).x);`);
    expect(outputs).toEqual({ x: 5 });
  });
});
