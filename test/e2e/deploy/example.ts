import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "../cluster/request.js";
import { type Outcome, openStack, type Stack } from "../pulumi/stack.js";
import { awsCommand } from "../pulumi/stand-in/aws-command.js";

export type Example = "existing-cluster" | "fraud-detection";

/** The folder of an example. */
export const exampleFolder = (name: Example): string =>
  fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));

/** Where the kubeconfig that an example is given leads. */
export type Target = Server & { readonly kubeconfig: string };

/**
 * An example with a stack of its own, deployed to the given cluster: the look-up of an EKS cluster finds that one, and
 * the `aws` command that its kubeconfig calls gives that one's token.
 */
export async function openExample(
  name: Example,
  target: Target,
  options: { readonly stack: string; readonly passphrase?: string; readonly program?: string },
): Promise<Stack> {
  return openStack({
    program: options.program ?? exampleFolder(name),
    stack: options.stack,
    ...(options.passphrase !== undefined && { passphrase: options.passphrase }),
    commands: { aws: awsCommand(target.token) },
    clouds: {
      answers: {
        "aws:eks/getCluster:getCluster": {
          endpoint: target.server,
          certificateAuthorities: [{ data: Buffer.from(target.ca).toString("base64") }],
          vpcConfig: { subnetIds: ["subnet-a", "subnet-b"] },
        },
      },
    },
    ...(name === "existing-cluster" && {
      config: { kubeconfig: { secret: readFileSync(target.kubeconfig, "utf8") } },
    }),
  });
}

/** Changes the program as a user would; the text must be there. */
export function edit(stack: Stack, from: string, to: string): void {
  const file = join(stack.folder, "index.ts");
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`the example no longer says: ${from}`);
  writeFileSync(file, text.replace(from, to));
}

/** Type and name, with which tests speak of a resource. */
export function short({ urn }: { readonly urn: string }): string {
  const [, , type = "", name = ""] = urn.split("::");
  return `${type.split("$").at(-1)} ${name}`;
}

/** What an operation did, without what it left as it was: `update kubernetes:apps/v1:Deployment fraud-endpoint`. */
export function done(outcome: Outcome): string[] {
  return outcome.steps
    .filter((step) => !["same", "refresh"].includes(step.op) && !outcome.failed.some(({ urn }) => urn === step.urn))
    .map((step) => `${step.op} ${short(step)}`)
    .sort();
}

/** Errors and warnings, without the one about the provider's own version number, which is older than its SDK's. */
export function complaints(outcome: Outcome): string[] {
  return outcome.diagnostics
    .filter(
      ({ severity, message }) => /^(error|warning)$/.test(severity) && !message.includes("is expected to have version"),
    )
    .map(({ message }) => message);
}
