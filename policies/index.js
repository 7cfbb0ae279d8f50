"use strict";
// Plain CommonJS: Pulumi does not compile policy packs that it finds inside node_modules.
const { PolicyPack } = require("@pulumi/policy");
const { resourcePolicies, rules } = require("plinth/policy");

new PolicyPack("plinth", { policies: resourcePolicies(rules) });
