const { pulumi, Thing } = require("./things.js");

const source = new Thing("source", {});
const mixed = new Thing("mixed", {
  object: { known: "k", unknown: source.out },
  list: ["x", source.out, { y: source.id }],
  nothing: null,
  deep: { a: { b: { c: source.out, d: 1 } } },
});
new Thing("parts", {
  known: mixed.object.known,
  unknown: mixed.object.unknown,
  missing: mixed.object.missing,
  first: mixed.list[0],
  second: mixed.list[1],
  whole: mixed.object,
  list: mixed.list,
});
new Thing("applied", {
  whole: mixed.object.apply((o) => o.known),
  part: mixed.object.known.apply((text) => `${text}!`),
  nothing: mixed.nothing,
  nothingMore: mixed.nothing.apply((n) => `${n}`),
});
new Thing("deep", { d: mixed.deep.a.b.d, c: mixed.deep.a.b.c, b: mixed.deep.a.b });
new Thing("combined", {
  object: pulumi.output({ a: mixed.object.known, b: source.out }),
  out: mixed.out.some.deep.path,
});
exports.known = mixed.object.known;
exports.mixed = mixed.object;
