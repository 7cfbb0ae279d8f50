const { Thing } = require("./things.js");

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });

new Thing("source", { name: "n" }).name.apply((name) => {
  throw new TypeError(`cannot use ${name}`);
});
