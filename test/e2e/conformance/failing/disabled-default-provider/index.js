const { Thing } = require("./things.js");

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });
