const { pulumi, Thing, Group } = require("./things.js");

const other = new Thing("other", {});
const third = new Thing("third", {});
new Thing("protected", { x: 1 }, { protect: true });
new Thing("retained", { x: 1 }, { retainOnDelete: true });
new Thing("deleted-first", { x: 1 }, { deleteBeforeReplace: true });
new Thing("not-deleted-first", { x: 1 }, { deleteBeforeReplace: false });
new Thing("deleted-with", { x: 1 }, { deletedWith: other });
new Thing("replaced-with", { x: 1 }, { replaceWith: [other, third] });
new Thing("ignoring", { x: 1, list: [{ y: 1 }] }, { ignoreChanges: ["x", "list[0].y"] });
new Thing("replacing", { x: 1 }, { replaceOnChanges: ["x", "deep.*"] });
new Thing("hiding", { x: 1 }, { hideDiffs: ["x", "deep.inner"] });
const secretive = new Thing("secretive", { password: "open" }, { additionalSecretOutputs: ["out", "password"] });
new Thing("reader", { out: secretive.out, password: secretive.password });
new Thing("timed", { x: 1 }, { customTimeouts: { create: "10m", update: "90s", delete: "1h30m" } });
new Thing("timed-a-little", { x: 1 }, { customTimeouts: { create: "1.5h" } });
new Thing("triggered", { x: 1 }, { replacementTrigger: "v1" });
new Thing("triggered-by-object", { x: 1 }, { replacementTrigger: { a: [1, "two"] } });
new Thing("triggered-by-unknown", { x: 1 }, { replacementTrigger: other.out });
new Thing("versioned", { x: 1 }, { version: "1.0.0" });
new Thing(
  "everything",
  { x: 1, password: pulumi.secret("hunter22") },
  {
    protect: true,
    retainOnDelete: true,
    deleteBeforeReplace: true,
    deletedWith: other,
    dependsOn: [third],
    ignoreChanges: ["x"],
    replaceOnChanges: ["y"],
    additionalSecretOutputs: ["z"],
    customTimeouts: { create: "5m" },
    aliases: [{ name: "nothing" }],
  },
);
new Group("component", { protect: true, retainOnDelete: true, deletedWith: other, aliases: [{ name: "old" }] });
