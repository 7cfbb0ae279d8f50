import * as pulumi from "@pulumi/pulumi";
import { names } from "./lib/names.mjs";

class Thing extends pulumi.CustomResource {
  constructor(name, props, opts) {
    super("test:index:Thing", name, { out: undefined, ...props }, opts);
  }
}
const things = names.map((name) => new Thing(name, { name }));
const { value } = await Promise.resolve({ value: "awaited" });
new Thing("awaited", { value, from: things[0].out });

export const first = things[0].name;
export const unknown = things[1].out;
