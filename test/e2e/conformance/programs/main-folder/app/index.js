const pulumi = require("@pulumi/pulumi");
const { basename } = require("node:path");

class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("test:index:Thing", name, { out: undefined, ...props }, opts);
  }
}
const folder = basename(process.cwd());
for (const name of ["a", "b", "c"]) new Thing(name, { name, folder });
new Thing("asset", { file: new pulumi.asset.FileAsset("./data.txt") });
new Thing("from", { main: basename(require.main?.filename ?? "none") === "index.js", dir: basename(__dirname) });
exports.folder = folder;
