const pulumi = require("@pulumi/pulumi");

// Without the packages' own SDKs no registration names a version: the installed package does.
const raw = (type, name, props, opts) => new pulumi.CustomResource(type, name, props, opts);
class Provider extends pulumi.ProviderResource {}
const kubernetes = new Provider("kubernetes", "own", { namespace: "team" });
const aws = new Provider("aws", "own", { region: "eu-west-1" });
const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } };
raw("kubernetes:core/v1:ConfigMap", "default", object);
raw("kubernetes:core/v1:ConfigMap", "explicit", object, { provider: kubernetes });
raw("aws:ec2/vpc:Vpc", "default", { cidrBlock: "10.0.0.0/16" });
raw("aws:ec2/vpc:Vpc", "explicit", { cidrBlock: "10.0.0.0/16" }, { provider: aws });
raw("aws:ec2/vpc:Vpc", "older", { cidrBlock: "10.0.0.0/16" }, { pluginDownloadURL: "https://example.com/aws/" });
raw("test:index:Thing", "no-package", {});
