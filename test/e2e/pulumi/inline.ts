import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation/index.js";
import { type HomeOptions, makeHome } from "./home.js";

export interface InlineOptions extends HomeOptions {
  readonly project: string;
  readonly stack: string;
  /** Runs in this process. */
  readonly program: PulumiFn;
  readonly config?: Readonly<Record<string, string | { readonly secret: string }>>;
}

/** A stack whose program is a function, through the Automation API. */
export interface InlineStack {
  readonly stack: Stack;
  /** Removes the temporary folder, state included; what was deployed stays. */
  removeAll(): void;
}

const MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** A stack of an inline program with a home of its own, for the same CLI, plugins and kind of backend as `openStack`. */
export async function inline(options: InlineOptions): Promise<InlineStack> {
  const { root, env, remove } = await makeHome(MODULES, options);
  try {
    const stack = await LocalWorkspace.createOrSelectStack(
      { projectName: options.project, stackName: options.stack, program: options.program },
      {
        workDir: root,
        pulumiHome: join(root, "home"),
        envVars: { ...env },
        pulumiCommand: await PulumiCommand.get({ root }),
      },
    );
    for (const [key, value] of Object.entries(options.config ?? {})) {
      await stack.setConfig(key, typeof value === "string" ? { value } : { value: value.secret, secret: true });
    }
    return { stack, removeAll: remove };
  } catch (error) {
    remove();
    throw error;
  }
}
