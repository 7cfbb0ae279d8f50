import {
  asSet,
  type Comparable,
  type ComparableResource,
  isPlain,
  type Json,
  type Plain,
  propertySets,
} from "./comparable.js";
import type { RealPreview } from "./real.js";
import { fromWire, fromWireObject } from "./wire.js";

/**
 * What the real engine would create. The plan has each resource's goal, with default providers and secrets but without
 * what is null; the steps of the JSON have the whole new state, with secrets blotted out but all options.
 * @param program the folder the program ran in
 */
export function fromPreview(preview: Pick<RealPreview, "plan" | "json" | "outputs">, program: string): Comparable {
  const goals = preview.plan?.resourcePlans ?? {};
  const steps = new Map(
    (preview.json?.steps ?? []).map(({ op, urn, newState }) => [urn, { op, state: newState ?? {} }]),
  );
  const urns = asSet([...Object.keys(goals), ...steps.keys()]);
  return Object.fromEntries(
    urns.map((urn) => [
      urn,
      toResource(
        urn,
        (goals[urn]?.goal ?? {}) as Plain,
        steps.get(urn),
        (preview.outputs.get(urn) ?? {}) as Plain,
        program,
      ),
    ]),
  );
}

/** Fields of a goal or state that are read here, and, with the reason, those that are not. */
const FIELDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      ...["type", "name", "custom", "inputDiff", "outputDiff", "parent", "protect", "dependencies", "provider"],
      ...["propertyDependencies", "deleteBeforeReplace", "additionalSecretOutputs", "structuredAliases", "id"],
      ...["customTimeouts", "urn", "inputs", "retainOnDelete", "deletedWith", "replaceWith", "ignoreChanges"],
      ...["hideDiff", "replaceOnChanges", "replacementTrigger", "resourceHooks", "importID"],
    ].map((field) => [field, "read"]),
  ),
  created: "times",
  modified: "times",
  external: "that the resource is read, as the step says",
  outputs: "a component's come from the event log; a custom resource's are its provider's",
  sourcePosition: "found by another rule than ours",
  stackTrace: "found by another rule than ours",
};

/** @throws Error when the engine records something that nobody has decided about. */
function mustKnow(urn: string, ...records: readonly Plain[]): void {
  const unknown = records.flatMap((record) => Object.keys(record)).filter((field) => !(field in FIELDS));
  if (unknown.length > 0) throw new Error(`the comparison does not know what ${urn} has in ${unknown.join(", ")}`);
}

interface StepOf {
  readonly op: string;
  readonly state: Readonly<Record<string, unknown>>;
}

function toResource(
  urn: string,
  goal: Plain,
  step: StepOf | undefined,
  outputs: Plain,
  program: string,
): ComparableResource {
  const state = (step?.state ?? {}) as Plain;
  mustKnow(urn, goal, state);
  const type = text(goal.type ?? state.type);
  const isCustom = (goal.custom ?? state.custom) === true;
  return {
    type,
    name: urn.split("::").slice(3).join("::"),
    kind: kindOf(type, isCustom, step?.op),
    parent: text(goal.parent ?? state.parent),
    provider: text(goal.provider ?? state.provider).replace(/::[^:]*$/, ""),
    inputs: {
      ...propertiesOf(goal.inputDiff, state.inputs, program),
      ...(step?.op === "read" ? { id: fromWire(state.id, program) } : {}),
    },
    outputs: isCustom ? {} : propertiesOf(goal.outputDiff, outputs, program),
    options: optionsOf(goal, state, program),
    dependencies: asSet(list(goal.dependencies ?? state.dependencies)),
    propertyDependencies: propertySets(
      (goal.propertyDependencies ?? state.propertyDependencies ?? {}) as Record<string, string[]>,
    ),
  };
}

function kindOf(type: string, isCustom: boolean, op: string | undefined): ComparableResource["kind"] {
  if (type === "pulumi:pulumi:Stack") return "stack";
  if (type.startsWith("pulumi:providers:")) return "provider";
  if (op === "read") return "read";
  return isCustom ? "custom" : "component";
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const list = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? (value as readonly string[]) : []);

/** Each property as the plan has it; what the plan leaves out (null) as the state has it. */
function propertiesOf(diff: Json | undefined, state: Json | undefined, program: string): Plain {
  const added = isPlain(diff) && isPlain(diff.adds) ? diff.adds : {};
  // Providers keep the engine's own notes under `__internal`.
  const { __internal: _, ...all } = { ...(isPlain(state) ? state : {}), ...added };
  return fromWireObject(all, program);
}

/** Options that are set, under the graph's names. */
function optionsOf(goal: Plain, state: Plain, program: string): Plain {
  const aliases = (Array.isArray(goal.structuredAliases) ? goal.structuredAliases : []).map(aliasOf);
  const all: Record<string, Json | undefined> = {
    protect: goal.protect ?? state.protect,
    retainOnDelete: state.retainOnDelete,
    deleteBeforeReplace: goal.deleteBeforeReplace,
    deletedWith: state.deletedWith,
    ignoreChanges: state.ignoreChanges,
    replaceOnChanges: state.replaceOnChanges,
    hideDiffs: state.hideDiff,
    additionalSecretOutputs: state.additionalSecretOutputs,
    aliases,
    customTimeouts: state.customTimeouts,
    importId: goal.id ?? state.importID,
    replaceWith: state.replaceWith,
    replacementTrigger: fromWire(state.replacementTrigger, program),
    hooks: isPlain(state.resourceHooks) ? lowerCased(state.resourceHooks) : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Json] => isSet(entry[0], entry[1])));
}

/** `BeforeCreate` is `beforeCreate` in programs and graphs. */
const lowerCased = (hooks: Plain): Plain =>
  Object.fromEntries(
    Object.entries(hooks).map(([kind, names]) => [kind.charAt(0).toLowerCase() + kind.slice(1), names]),
  );

/** A URN, or the parts that are given; the graph names them in lower case. */
function aliasOf(alias: Json): Json {
  if (!isPlain(alias)) return alias;
  const { URN, NoParent, ...parts } = alias;
  if (URN) return URN;
  const given = Object.entries(parts).filter(([, part]) => part !== "");
  return {
    ...Object.fromEntries(given.map(([key, part]) => [key.toLowerCase(), part])),
    ...(NoParent ? { noParent: true } : {}),
  };
}

/** `deleteBeforeReplace: false` is a decision; every other empty value is none. */
function isSet(option: string, value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (value === false) return option === "deleteBeforeReplace";
  return typeof value !== "object" || Object.keys(value).length > 0;
}
