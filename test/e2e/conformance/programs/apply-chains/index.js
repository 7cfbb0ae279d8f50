const { pulumi, Thing, Group } = require("./things.js");

const a = new Thing("a", { name: "n", items: ["x", "y"] });
let calls = 0;
const count = (value) => {
  calls++;
  return value;
};
const b = new Thing("b", {
  once: a.name.apply(count),
  twice: a.name.apply(count).apply((v) => `${v}${v}`),
  never: a.out.apply(count),
  toPromise: a.name.apply(async (v) => v.toUpperCase()),
  toOutput: a.name.apply((v) => pulumi.output(v).apply((w) => `${w}.`)),
  toUnknown: a.name.apply(() => a.out),
  items: a.items.apply((items) => items.map((item) => ({ item }))),
  ofPromise: Promise.resolve("late"),
});
new Thing("c", { chain: b.never.apply((v) => v.deep).apply((v) => v), known: b.twice, other: b.toUnknown });
new Thing("all", {
  list: pulumi.all([a.name, b.twice]).apply((list) => list.join("+")),
  object: pulumi.all({ x: a.name, y: b.once }),
  mixed: pulumi.all([a.name, a.out]).apply((list) => list.join("+")),
  empty: pulumi.all([]),
});
a.name.apply((name) => new Thing(`made-in-apply-${name}`, { from: b.once }));
a.out.apply(() => new Thing("never-made", {}));
new Thing("text", {
  json: pulumi.jsonStringify({ a: a.name, list: [1, a.items] }),
  parsed: pulumi.jsonParse(pulumi.output('{"x":[1,2]}')).x[1],
  concat: pulumi.concat("a-", a.name, "-", 5),
  interpolate: pulumi.interpolate`${a.name}:${b.once}:${a.id}`,
});
new Thing("calls", { calls: pulumi.all([b.once, b.twice]).apply(() => calls) });
new Group("late", {}, { from: a.out });
