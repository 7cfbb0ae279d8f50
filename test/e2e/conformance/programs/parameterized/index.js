const resproto = require("@pulumi/pulumi/proto/resource_pb.js");
const { pulumi, Thing, Group } = require("./things.js");

// What generated packages do: the reference of a package that another package's plugin serves.
function registerPackage() {
  const parameterization = new resproto.Parameterization();
  parameterization.setName("sub");
  parameterization.setVersion("2.3.4");
  parameterization.setValue(Buffer.from("value").toString("base64"));
  const request = new resproto.RegisterPackageRequest();
  request.setName("test");
  request.setVersion("1.0.0");
  request.setParameterization(parameterization);
  return new Promise((resolve, reject) => {
    pulumi.runtime
      .getMonitor()
      .registerPackage(request, (error, answer) => (error ? reject(error) : resolve(answer.getRef())));
  });
}
class Sub extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("sub:index:Item", name, { out: undefined, ...props }, opts, false, registerPackage());
  }
}
class SubProvider extends pulumi.ProviderResource {
  constructor(name, props, opts) {
    super("sub", name, props, opts, false, registerPackage());
  }
}
const a = new Sub("a", { name: "n" });
const group = new Group("group");
new Sub("b", { from: a.out }, { parent: group });
const provider = new SubProvider("own", { region: "eu" });
new Sub("c", {}, { provider });
new Thing("unparameterized", { from: a.out });
new Sub("d", { list: [a.name] }, { protect: true });
