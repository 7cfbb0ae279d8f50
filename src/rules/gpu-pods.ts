import type { Value } from "../graph/model.js";
import { isPlainObject } from "../graph/values.js";
import { isAccelerator } from "./accelerators.js";
import { amount } from "./kubernetes/resources.js";
import { either, given, read, some, type Truth } from "./truth.js";

const LISTS = ["containers", "initContainers", "ephemeralContainers"] as const;

/** Whether a container asks for an accelerator, by an extended resource or by a claim: the twin of the CEL text. */
export function asksForAccelerator(container: Value, accelerators: readonly string[]): Truth {
  return either(
    given(read(container, ["resources", "claims"]), (claims) => Array.isArray(claims) && claims.length > 0),
    ...["limits", "requests"].map((list) =>
      given(read(container, ["resources", list]), (resources) =>
        some(acceleratorEntries(resources, accelerators), ([, quantity]) => {
          const count = amount(quantity);
          return typeof count === "number" ? count > 0 : count;
        }),
      ),
    ),
  );
}

/** Whether one of the containers of a pod spec asks for an accelerator. */
export function isGpuPod(podSpec: Value, accelerators: readonly string[]): Truth {
  return some(LISTS, (list) => some(read(podSpec, [list]), (container) => asksForAccelerator(container, accelerators)));
}

/** The names of the accelerators that containers of a pod spec name, sorted; what is unknown adds none. */
export function acceleratorsIn(podSpec: Value, accelerators: readonly string[]): string[] {
  const containers = LISTS.flatMap((list) => listOf(read(podSpec, [list])));
  const resources = containers.flatMap((container) =>
    ["limits", "requests"].map((list) => read(container, ["resources", list])),
  );
  const entries = resources.flatMap((each) => acceleratorEntries(each, accelerators));
  return [...new Set(entries.filter(([, quantity]) => amount(quantity) !== 0).map(([name]) => name))].sort();
}

/** The entries of a map of resources that are accelerators. */
export function acceleratorEntries(
  resources: Value | undefined,
  accelerators: readonly string[],
): readonly (readonly [string, Value])[] {
  if (!isPlainObject(resources)) return [];
  return Object.entries(resources).filter(([name]) => isAccelerator(name, accelerators));
}

/** The items of a list; none when it is absent, unknown or no list. */
export function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : [];
}
