import type { Callback, TransformOptions } from "./protocol.js";
import type { Session } from "./session.js";
import {
  fromStruct,
  isObject,
  isSecret,
  isUnknown,
  output,
  type Struct,
  secret,
  signatureOf,
  toStruct,
  UNKNOWN,
  unknownFrom,
  unwrapSecret,
  type Wire,
  type WireObject,
  withoutUnknownId,
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
export function transformsFor(
  session: Session,
  own: readonly Callback[],
  parent: string | undefined,
): readonly Callback[] {
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
): Promise<Pick<Transformable, "inputs" | "options" | "propertyDependencies">> {
  let { inputs, options, propertyDependencies } = resource;
  for (const transform of transforms) {
    const { type, name, custom, parent } = resource;
    const request = {
      type,
      name,
      custom,
      parent,
      properties: toStruct(asOutputs(inputs, propertyDependencies)),
      options,
    };
    const answer = await session.callbacks
      .call<{ properties: Struct | null; options: TransformOptions | null }>("Transform", transform, request)
      .catch((error: Error) => {
        throw new Error(`invoke transform: rpc error: code = Unknown desc = ${error.message}`);
      });
    const returned = fromStruct(answer.properties);
    inputs = keepTrail(withoutOutputs(returned), inputs);
    options = answer.options ?? options;
    propertyDependencies = dependenciesIn(returned);
  }
  return { inputs, options, propertyDependencies };
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
  if (isObject(value) && signatureOf(value) === "resource") return withoutUnknownId(value);
  if (signatureOf(value) !== undefined) return value;
  const inner = Array.isArray(value)
    ? value.map((item: Wire) => asOutput(item, []))
    : isObject(value)
      ? asOutputs(value, {})
      : value;
  return dependencies.length > 0 ? output(inner, false, dependencies) : inner;
}

/** The other way round: output values become plain, secret or unknown ones. */
function withoutOutputs(value: WireObject): WireObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutOutput(item)]));
}

function withoutOutput(value: Wire): Wire {
  if (Array.isArray(value)) return value.map(withoutOutput);
  if (!isObject(value)) return value;
  if (signatureOf(value) !== "output") return withoutOutputs(value);
  const [urn] = (value.dependencies ?? []) as readonly string[];
  const known = value.value === undefined ? (urn ? unknownFrom(urn) : UNKNOWN) : withoutOutput(value.value);
  return value.secret === true ? secret(known) : known;
}

/** A transform gives unknowns back without what they come from; where one stood before, the earlier one says more. */
function keepTrail(after: WireObject, before: WireObject): WireObject {
  const keep = (now: Wire, earlier: Wire | undefined): Wire => {
    if (isUnknown(now)) return isUnknown(unwrapSecret(earlier ?? null)) ? unwrapSecret(earlier ?? null) : now;
    if (Array.isArray(now))
      return now.map((item: Wire, index) => keep(item, Array.isArray(earlier) ? earlier[index] : undefined));
    if (!isObject(now)) return now;
    return Object.fromEntries(
      Object.entries(now).map(([key, item]) => [key, keep(item, isObject(earlier) ? earlier[key] : undefined)]),
    );
  };
  return Object.fromEntries(Object.entries(after).map(([key, item]) => [key, keep(item, before[key])]));
}

/** URNs inside output values, by top-level property. */
function dependenciesIn(value: WireObject): Record<string, readonly string[]> {
  const collect = (part: Wire): readonly string[] => {
    if (Array.isArray(part)) return part.flatMap(collect);
    if (!isObject(part)) return [];
    const own = signatureOf(part) === "output" ? ((part.dependencies ?? []) as readonly string[]) : [];
    return [...own, ...Object.values(part).flatMap(collect)];
  };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, [...new Set(collect(item))]]));
}
