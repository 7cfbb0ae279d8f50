import type { HooksBinding } from "./protocol.js";
import type { Session } from "./session.js";
import { forProgram, toStruct, type WireObject } from "./wire.js";

interface Created {
  readonly urn: string;
  readonly name: string;
  readonly type: string;
  readonly newInputs: WireObject;
  readonly newOutputs: WireObject;
}

/** Runs the hooks that a preview runs: those registered with `onDryRun`, around the creation that is not done. */
export async function beforeAndAfterCreate(
  session: Session,
  hooks: HooksBinding | null,
  created: Created,
): Promise<void> {
  const { newOutputs, newInputs, ...rest } = created;
  const inputs = { ...rest, id: "", newInputs: toStruct(forProgram(newInputs)) };
  for (const name of hooks?.beforeCreate ?? []) await run(session, "before", name, inputs);
  const both = { ...inputs, newOutputs: toStruct(newOutputs) };
  for (const name of hooks?.afterCreate ?? []) await run(session, "after", name, both);
}

async function run(session: Session, phase: "before" | "after", name: string, request: object): Promise<void> {
  const hook = session.hooks.get(name);
  if (!hook?.onDryRun) return;
  const failure = await session.callbacks.call<{ error: string }>("Hook", hook.callback, request).then(
    ({ error }) => error,
    (error: Error) => error.message,
  );
  if (failure === "") return;
  const message = `${phase} hook "${name}" failed: ${failure}`;
  if (phase === "before" && !hook.ignoreErrors) session.abort({ message });
  else session.notices.push({ severity: "warning", code: "hook", message });
}
