const { pulumi, Thing, TestProvider } = require("./things.js");

const provider = new TestProvider("provider", { region: "eu" });
pulumi.runtime.registerInvokeTransform(({ token, args, opts }) =>
  token === "test:index:echo" ? { args: { ...args, added: "by transform" }, opts } : undefined,
);
const echo = (args, opts) => pulumi.runtime.invokeOutput("test:index:echo", args, opts);
new Thing("one", { added: echo({ name: "a" }).added });
new Thing("two", { name: echo({ name: "b" }, { provider }).name });
new Thing("secret", { name: echo({ name: pulumi.secret("c") }).name });
new Thing("source", {});
new Thing("plain", { x: 1 });
