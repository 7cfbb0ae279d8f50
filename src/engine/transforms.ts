import type { Callback, TransformOptions } from "./protocol.js";
import type { Session } from "./session.js";
import {
  fromStruct,
  isObject,
  isSecret,
  isUnknown,
  output,
  signatureOf,
  type Struct,
  toStruct,
  unwrapSecret,
  type Wire,
  type WireObject,
} from "./wire.js";

/** A resource as transforms see it. */
export interface Transformable {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly parent: string;
  readonly inputs: WireObject;
  readonly options: TransformOptions;
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

/** Transforms for a resource in the order the engine runs them: its own, each ancestor's, nearest first, the stack's. */
export function transformsFor(session: Session, own: readonly Callback[], parent: string | undefined): readonly Callback[] {
  const found = [...own];
  for (let urn = parent; urn !== undefined; urn = session.resources.get(urn)?.parent) {
    found.push(...(session.resources.get(urn)?.transforms ?? []));
  }
  return [...found, ...session.stackTransforms];
}

/** Runs the transforms one after the other; the answer of each replaces inputs and options. */
export async function applyTransforms(
  session: Session,
  transforms: readonly Callback[],
  resource: Transformable,
): Promise<Pick<Transformable, "inputs" | "options">> {
  let { inputs, options } = resource;
  for (const transform of transforms) {
    const { type, name, custom, parent } = resource;
    const request = { type, name, custom, parent, properties: toStruct(asOutputs(inputs, resource.propertyDependencies)), options };
    const answer = await session.callbacks
      .call<{ properties: Struct | null; options: TransformOptions | null }>("Transform", transform, request)
      .catch((error: Error) => {
        throw new Error(`invoke transform: rpc error: code = Unknown desc = ${error.message}`);
      });
    inputs = keepTrail(withoutOutputs(fromStruct(answer.properties)), inputs);
    options = answer.options ?? options;
  }
  return { inputs, options };
}

/** Callbacks understand unknown and secret values only as output values. */
function asOutputs(inputs: WireObject, dependencies: Transformable["propertyDependencies"]): WireObject {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, value]) => [key, asOutput(value, dependencies[key] ?? [])]),
  );
}

function asOutput(value: Wire, dependencies: readonly string[]): Wire {
  if (isUnknown(value)) return output(undefined, false, dependencies);
  if (isSecret(value)) {
    const inner = unwrapSecret(value);
    return output(isUnknown(inner) ? undefined : asOutput(inner, []), true, dependencies);
  }
  if (signatureOf(value) !== undefined) return value;
  const inner = Array.isArray(value)
    ? value.map((item: Wire) => asOutput(item, []))
    : isObject(value)
      ? asOutputs(value, {})
      : value;
  return dependencies.length > 0 ? output(inner, false, dependencies) : inner;
}

/** The other way round: known output values become plain or secret ones. */
function withoutOutputs(value: WireObject): WireObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutOutput(item)]));
}

function withoutOutput(value: Wire): Wire {
  if (Array.isArray(value)) return value.map(withoutOutput);
  if (!isObject(value)) return value;
  if (signatureOf(value) !== "output") return withoutOutputs(value);
  const inner = value.value === undefined ? output(undefined, false, []) : withoutOutput(value.value);
  const known = signatureOf(inner) === "output" ? unknownOf(value) : inner;
  return value.secret === true ? { ...secretOf(known) } : known;
}
