import type { Step } from "../pulumi/stack.js";
import { short } from "./example.js";

/** What an upgrade of Plinth may take away or make anew, by type and the end of the name. Everything else serves. */
const MAY_GO: readonly { readonly type: string; readonly name: RegExp; readonly why: string }[] = [
  {
    type: "kubernetes:core/v1:ConfigMap",
    name: /-fetch$/,
    why: "it is immutable and has the hash of its text in its name; running pods have read it",
  },
  {
    type: "kubernetes:policy/v1:PodDisruptionBudget",
    name: /-endpoint$/,
    why: "for the moment without it pods run on; only draining nodes asks for it",
  },
  {
    type: "aws:autoscaling/tag:Tag",
    name: /./,
    why: "only Cluster Autoscaler reads it, for groups without nodes",
  },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    name: /-node-/,
    why: "the new one is attached before the old one goes",
  },
];

/** The steps of an update that take away or make anew what serves. */
export function interruptions(steps: readonly Step[]): string[] {
  return steps
    .filter(({ op }) => /delete|replace/.test(op))
    .filter(({ urn, type }) => !MAY_GO.some((each) => each.type === type && each.name.test(urn.split("::").at(-1)!)))
    .map((step) => `${step.op} ${short(step)}`)
    .sort();
}
