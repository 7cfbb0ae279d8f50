const { pulumi, Thing, Group } = require("./things.js");

const s = (text) => pulumi.secret(text);
new Thing("top", { a: s("one"), b: s({ c: 1 }), d: s([1, 2]), e: s(true), f: s(5), g: s(null), h: s("") });
new Thing("deep", { a: { b: { c: s("deep") } }, list: [[s("in list")], { x: s("in object") }] });
new Thing("secret-in-secret", { a: s({ b: s("inner") }), list: s([s("x"), "y"]) });
const source = new Thing("source", { token: s("t"), open: "o", object: s({ part: "p" }) });
new Thing("lifted", { part: source.object.part, whole: source.object, token: source.token, open: source.open });
new Thing("joined", {
  text: pulumi.concat(source.token, "-", source.open),
  all: pulumi.all([source.open, source.token]),
});
new Thing("opened", { token: pulumi.unsecret(source.token), json: pulumi.jsonStringify({ t: source.token }) });
new Group("component", {}, { token: source.token, open: 1 });
new Thing("asset", { file: s(new pulumi.asset.StringAsset("hidden text")) });
exports.token = source.token;
exports.deep = { list: [source.token, source.open] };
