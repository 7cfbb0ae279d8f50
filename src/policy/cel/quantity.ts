import { isQuantity as canBeRead, readQuantity } from "../../core/quantity.js";

const NANO = 1_000_000_000n;

/**
 * A quantity of Kubernetes' CEL library, with exact arithmetic
 * (https://github.com/kubernetes/apiserver/blob/v0.36.3/pkg/cel/library/quantity.go).
 */
export class Quantity {
  constructor(
    /** The value times 10⁹. */
    readonly nanos: bigint,
    /**
     * The power of ten in which Kubernetes counts it in 64 bits; undefined when it keeps a decimal of any length. Only
     * what is counted in ones or more is an integer to it: not `4000m`, `1.0` or `1.5Gi`.
     */
    readonly scale: number | undefined,
  ) {}
}

export function isQuantity(text: string): boolean {
  return canBeRead(text);
}

export function quantity(text: string): Quantity | undefined {
  return canBeRead(text) ? new Quantity(readQuantity(text).nanos, scaleOf(text)) : undefined;
}

export function ofInt(value: bigint): Quantity {
  return new Quantity(value * NANO, 0);
}

/** The fast path of ParseQuantity (https://github.com/kubernetes/apimachinery/blob/v0.36.3/pkg/api/resource/quantity.go#L278). */
function scaleOf(text: string): number | undefined {
  const [, digits = "", fraction = "", suffix = ""] = /^[+-]?0*(\d*)\.?(\d*)(.*)$/.exec(text) ?? [];
  const whole = digits === "" ? "0" : digits;
  const binary = binarySuffixes.indexOf(suffix) + 1;
  if (binary > 0) {
    const precision = 14 - whole.length - Math.trunc(binary * 3);
    return fraction === "" && precision >= 0 ? 0 : undefined;
  }
  const scale = (decimalSuffixes[suffix] ?? Number(suffix.slice(1))) - fraction.length;
  return whole.length + fraction.length <= 18 && scale >= -9 ? scale : undefined;
}

const binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimalSuffixes: { readonly [suffix: string]: number } = {
  ...{ n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 },
};

/** -1, 0 or 1. */
export function compareTo(a: Quantity, b: Quantity): bigint {
  return a.nanos < b.nanos ? -1n : a.nanos > b.nanos ? 1n : 0n;
}

/** The sum, counted in the finer of both scales as long as that fits 64 bits. */
export function add(a: Quantity, b: Quantity): Quantity {
  const nanos = a.nanos + b.nanos;
  if (a.scale === undefined || b.scale === undefined) return new Quantity(nanos, undefined);
  const scale = b.nanos === 0n ? a.scale : a.nanos === 0n ? b.scale : Math.min(a.scale, b.scale);
  return new Quantity(nanos, isInt64(counted(nanos, scale)) ? scale : undefined);
}

export function subtract(a: Quantity, b: Quantity): Quantity {
  return add(a, new Quantity(-b.nanos, b.scale));
}

/** The value as an int, as Quantity.AsInt64 gives it; undefined when it does not. */
export function asInteger({ nanos, scale }: Quantity): bigint | undefined {
  if (scale === undefined || scale < 0) return undefined;
  return isInt64(nanos / NANO) ? nanos / NANO : undefined;
}

export function asDouble({ nanos }: Quantity): number {
  return nanos % NANO === 0n ? Number(nanos / NANO) : Number(nanos) / Number(NANO);
}

function counted(nanos: bigint, scale: number): bigint {
  return scale >= 0 ? nanos / NANO / 10n ** BigInt(scale) : nanos / 10n ** BigInt(9 + scale);
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}
