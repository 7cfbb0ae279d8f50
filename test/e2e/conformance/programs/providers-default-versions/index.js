const { Thing } = require("./things.js");

new Thing("none", {});
new Thing("one", {}, { version: "1.2.3" });
new Thing("one-again", {}, { version: "1.2.3" });
new Thing("prerelease", {}, { version: "1.2.3-beta.1+build.7" });
new Thing("two", {}, { version: "2.0.0" });
new Thing("elsewhere", {}, { version: "1.2.3", pluginDownloadURL: "https://example.com/plug" });
new Thing("elsewhere-unversioned", {}, { pluginDownloadURL: "https://example.com/other/" });
