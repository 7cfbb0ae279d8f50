import { connect } from "../cluster/api.js";
import type { KubeObject } from "../cluster/objects.js";
import { ApiError, type Server, sender } from "../cluster/request.js";
import type { StackState } from "../pulumi/stack.js";

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** The Kubernetes objects of a state exported with secrets, exactly as the provider was given them. */
export function objectsOf(state: StackState): KubeObject[] {
  return (state.deployment.resources ?? [])
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => plain(inputs) as KubeObject);
}

/** A state has secrets as objects with their JSON text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value && "plaintext" in value) return JSON.parse(String(value.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/**
 * What the API server has against objects when it checks fields strictly, one line each. The provider itself only asks
 * for warnings, so a field that does not exist would be dropped without a word.
 */
export async function strictFaults(server: Server, objects: readonly KubeObject[]): Promise<string[]> {
  const send = sender(server);
  const api = connect(server);
  const query = "dryRun=All&fieldValidation=Strict&fieldManager=plinth-strict&force=true";
  const answers = await Promise.all(
    objects.map(async (object) => {
      try {
        await send("PATCH", `${await api.pathOf(object)}?${query}`, object, "application/apply-patch+yaml");
        return [];
      } catch (error) {
        if (error instanceof ApiError) return [`${object.kind} ${object.metadata.name}: ${error.reason}`];
        throw error;
      }
    }),
  );
  return answers.flat();
}
