const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16", tags: { Name: "main" } });
const gateway = new aws.ec2.InternetGateway("gateway", { vpcId: vpc.id });
const subnets = ["a", "b"].map(
  (zone, index) =>
    new aws.ec2.Subnet(`subnet-${zone}`, {
      vpcId: vpc.id,
      cidrBlock: `10.0.${index}.0/24`,
      availabilityZone: `eu-west-1${zone}`,
    }),
);
const table = new aws.ec2.RouteTable("table", {
  vpcId: vpc.id,
  routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
});
subnets.forEach((subnet, index) => {
  new aws.ec2.RouteTableAssociation(
    `association-${index}`,
    { routeTableId: table.id, subnetId: subnet.id },
    { parent: subnet },
  );
});
const group = new aws.ec2.SecurityGroup("group", {
  vpcId: vpc.id,
  ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [vpc.cidrBlock] }],
});
const eu = new aws.Provider("eu", {
  region: "eu-central-1",
  defaultTags: { tags: { team: "ml" } },
  accessKey: pulumi.secret("k"),
});
new aws.s3.Bucket("bucket", {}, { provider: eu, protect: true });
exports.subnetIds = subnets.map(({ id }) => id);
exports.arn = group.arn;
