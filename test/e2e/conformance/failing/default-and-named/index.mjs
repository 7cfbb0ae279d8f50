import * as pulumi from "@pulumi/pulumi";

for (const name of ["a", "b", "c", "d", "e"]) new pulumi.ComponentResource("test:index:Group", name);
export const named = 1;
export default { other: 2 };
