import { SIGNATURE, signatures } from "../graph/signatures.js";

/**
 * Values as they travel between a Pulumi program and its engine: JSON, in which objects with a signature key stand
 * for secrets, resources, outputs and assets, and one fixed string for what is not known yet.
 * Source: pulumi/pulumi sdk/nodejs/runtime/rpc.ts.
 */
export type Wire = null | boolean | number | string | readonly Wire[] | WireObject;
export interface WireObject {
  readonly [key: string]: Wire;
}

/** The sentinel of an unknown value. Our preload appends `:<urn or token>`, then each path segment on a line. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export type Signature = keyof typeof signatures;

export const isObject = (value: Wire | undefined): value is WireObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isUnknown = (value: Wire | undefined): value is string =>
  typeof value === "string" && value.startsWith(UNKNOWN);

/** Which special value an object stands for, if any. */
export function signatureOf(value: Wire | undefined): Signature | undefined {
  if (!isObject(value) || !(SIGNATURE in value)) return undefined;
  return (Object.keys(signatures) as Signature[]).find((name) => signatures[name] === value[SIGNATURE]);
}

export const secret = (value: Wire): WireObject => ({ [SIGNATURE]: signatures.secret, value });
export const isSecret = (value: Wire | undefined): value is WireObject => signatureOf(value) === "secret";
export const unwrapSecret = (value: Wire): Wire => (isSecret(value) ? (value.value ?? null) : value);
export const unknownFrom = (urn: string, ...path: readonly string[]): string =>
  [`${UNKNOWN}:${urn}`, ...path].join("\n");

/** An output value: unknown when `value` is absent. */
export const output = (
  value: Wire | undefined,
  isSecretValue: boolean,
  dependencies: readonly string[],
): WireObject => ({
  [SIGNATURE]: signatures.output,
  ...(value === undefined ? {} : { value }),
  ...(isSecretValue ? { secret: true } : {}),
  ...(dependencies.length > 0 ? { dependencies } : {}),
});

/** Rebuilds a value, each part through `change` first; what `change` returns other than undefined is kept as it is. */
function rewrite(value: Wire, change: (part: Wire) => Wire | undefined): Wire {
  const changed = change(value);
  if (changed !== undefined) return changed;
  if (Array.isArray(value)) return value.map((item: Wire) => rewrite(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewrite(item, change)]));
}

export function some(value: Wire, test: (part: Wire) => boolean): boolean {
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((item: Wire) => some(item, test));
  return isObject(value) && Object.values(value).some((item) => some(item, test));
}

export const containsUnknown = (value: Wire): boolean =>
  some(
    value,
    (part) => isUnknown(part) || (signatureOf(part) === "output" && isObject(part) && part.value === undefined),
  );

/** What a program may see: unknowns without our trail, and no asset that the SDK cannot read back. */
export const forProgram = (value: WireObject): WireObject =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !isEmptyAsset(item))
      .map(([key, item]) => [key, rewrite(item, visible)]),
  );

function visible(part: Wire): Wire | undefined {
  if (isUnknown(part)) return UNKNOWN;
  return isObject(part) && signatureOf(part) === "resource" ? withoutUnknownId(part) : undefined;
}

/** A reference to a resource that is not there yet has the empty id, which the SDK reads as its URN. */
export const withoutUnknownId = (reference: WireObject): WireObject =>
  isUnknown(reference.id) ? { ...reference, id: "" } : reference;

/** `new StringAsset("")`, which the SDK refuses to read back. */
function isEmptyAsset(value: Wire): boolean {
  const kind = signatureOf(value);
  if ((kind !== "asset" && kind !== "archive") || !isObject(value)) return false;
  return !["path", "text", "uri", "assets"].some((key) => value[key] !== undefined && value[key] !== "");
}

/** Protobuf's Struct as proto-loader gives it. */
export interface Struct {
  readonly fields?: { readonly [key: string]: StructValue };
}
export interface StructValue {
  readonly kind?: string;
  readonly nullValue?: number;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: Struct;
  readonly listValue?: { readonly values?: readonly StructValue[] };
}

export function fromStruct(struct: Struct | null | undefined): WireObject {
  return Object.fromEntries(Object.entries(struct?.fields ?? {}).map(([key, value]) => [key, fromValue(value)]));
}

export function fromValue(value: StructValue): Wire {
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.structValue) return fromStruct(value.structValue);
  if (value.listValue) return (value.listValue.values ?? []).map(fromValue);
  return value.numberValue ?? value.boolValue ?? null;
}

export function toStruct(value: WireObject): Struct {
  return { fields: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toValue(item)])) };
}

function toValue(value: Wire): StructValue {
  if (value === null) return { nullValue: 0 };
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  return { structValue: toStruct(value as WireObject) };
}
