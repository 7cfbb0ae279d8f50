// Plain CommonJS, because Pulumi does not compile policy packs that it finds inside node_modules. By path, because
// this folder has a package.json of its own and so cannot name the package around it.
const { PolicyPack } = require("@pulumi/policy");
const { resourcePolicies, rules } = require("../dist/policy/index.js");

new PolicyPack("plinth", { policies: resourcePolicies(rules) });
