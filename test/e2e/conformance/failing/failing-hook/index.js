const { pulumi, Thing } = require("./things.js");

for (const name of ["a", "b", "c", "d", "e"]) new Thing(name, { name });

const refuse = new pulumi.ResourceHook(
  "refuse",
  () => {
    throw new Error("not on my watch");
  },
  { onDryRun: true },
);
new Thing("hooked", {}, { hooks: { beforeCreate: [refuse] } });
