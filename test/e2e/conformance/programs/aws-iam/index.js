const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const bucket = new aws.s3.Bucket("bucket", { bucketPrefix: "models-" });
const assume = aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" });
const role = new aws.iam.Role("role", { assumeRolePolicy: assume });
const policy = new aws.iam.Policy("policy", {
  policy: pulumi.jsonStringify({ Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: bucket.arn }] }),
});
new aws.iam.RolePolicyAttachment("attachment", { role, policyArn: policy.arn });
new aws.iam.RolePolicy("inline", {
  role: role.id,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [{ actions: ["s3:ListBucket"], resources: [bucket.arn] }],
  }).json,
});
const key = new aws.iam.AccessKey("key", { user: new aws.iam.User("user", {}).name });
new aws.ssm.Parameter("parameter", { type: "SecureString", value: key.secret });
new aws.secretsmanager.SecretVersion("version", {
  secretId: new aws.secretsmanager.Secret("secret").id,
  secretString: "hunter22",
});
exports.key = key.secret;
exports.roleArn = role.arn;
