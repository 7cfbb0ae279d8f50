const { pulumi, Thing } = require("./things.js");

const { StringAsset, FileAsset, FileArchive, AssetArchive } = pulumi.asset;
new Thing("text", { asset: new StringAsset("hello") });
new Thing("file", { asset: new FileAsset("./data/file.txt"), again: new FileAsset("data/file.txt") });
new Thing("folder", { archive: new FileArchive("./data") });
new Thing("mixed", {
  archive: new AssetArchive({
    "a.txt": new StringAsset("a"),
    "b.txt": new FileAsset("./data/file.txt"),
    dir: new FileArchive("./data"),
  }),
});
new Thing("nested", { deep: { list: [new StringAsset("one"), { x: new StringAsset("two") }] } });
const source = new Thing("source", { asset: new StringAsset("shared") });
new Thing("handed-on", { asset: source.asset });
new Thing("promised", { asset: Promise.resolve(new FileAsset("./data/file.txt")) });
