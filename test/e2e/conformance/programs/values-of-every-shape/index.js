const { Thing, Group } = require("./things.js");

const other = new Thing("other", {});
const group = new Group("group");
new Thing("numbers", { zero: 0, minus: -1, float: 1.25, large: 9007199254740991, tiny: 1e-9, huge: 1e21 });
new Thing("texts", { empty: "", space: " ", lines: "a\nb\n", unicode: "łódź 🚀 \u0000 end", quote: '"\\' });
new Thing("nothing", { nil: null, undef: undefined, list: [null, undefined, 1], object: { a: null, b: undefined } });
new Thing("empty", { list: [], object: {}, deep: { list: [[]], object: { x: {} } } });
new Thing("references", { custom: other, component: group, list: [other], deep: { group } });
new Thing("names", { "with-dash": 1, "with.dot": 2, "with space": 3, __private: 4, __deep: { __x: 1, y: 2 }, id: "i" });
new Thing("dates", { date: new Date(0).toISOString(), yes: true, no: false, big: Number.MAX_SAFE_INTEGER });
new Thing("name with spaces / and $igns::too", { x: 1 });
new Thing("łódź-🚀", {});
new Thing("urn", { urn: other.urn, ids: [other.id, other.urn] });
