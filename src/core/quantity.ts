import { z } from "zod";
import { named } from "./schema-notes.js";

/**
 * Kubernetes quantities with the arithmetic of `resource.Quantity`
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go): exact, in nano-units.
 */
export interface Quantity {
  /** The value times 10⁹. */
  readonly nanos: bigint;
  /** How it was written, and so how it is written again. */
  readonly format: QuantityFormat;
}

export type QuantityFormat = "binarySI" | "decimalSI" | "decimalExponent";

/** What a quantity may look like, for messages. */
export const QUANTITY_FORM = 'a Kubernetes quantity such as "500m", "2" or "16Gi"';

const NANO = 1_000_000_000n;
const MAX_INT64 = 2n ** 63n - 1n;

const BINARY = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
/** Decimal suffixes by the power of ten they stand for. */
const DECIMAL = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 } as const;

// As parseQuantityString, but a digit is required: Kubernetes reads "m" and "." as 0, which nobody means.
const QUANTITY = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d{1,3})$/;

/**
 * The exact value of `"500m"`, `"16Gi"`, `"1e3"`, `".5"`. As in Kubernetes, what is finer than nano is rounded away from zero,
 * and a binary quantity is capped at 2⁶³−1.
 *
 * @throws RangeError naming the text when it is no quantity.
 */
export function readQuantity(text: string): Quantity {
  const match = QUANTITY.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text)} is not ${QUANTITY_FORM}`);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const digits = BigInt(whole + fraction);
  const { format, power, factor } = unitOf(suffix);
  const exponent = power - fraction.length + 9;
  const scaled = digits * factor * 10n ** BigInt(Math.max(exponent, 0));
  const nanos = divideUp(scaled, 10n ** BigInt(Math.max(-exponent, 0)));
  const capped = format === "binarySI" && nanos > MAX_INT64 * NANO ? MAX_INT64 * NANO : nanos;
  return { nanos: sign === "-" ? -capped : capped, format };
}

/**
 * The value as a number: bytes of `"16Gi"`, cores of `"500m"`. The nearest double; exact for whole numbers up to 2⁵³.
 *
 * @throws RangeError naming the text when it is no quantity.
 */
export function parseQuantity(text: string): number {
  return numberOf(readQuantity(text).nanos);
}

/** Whether Kubernetes reads this text as a quantity. */
export function isQuantity(text: string): boolean {
  return QUANTITY.test(text);
}

/**
 * The canonical text, as Kubernetes writes it back: no fraction and the largest suffix that loses nothing, e.g. 1.5 →
 * `"1500m"`, `readQuantity("1536Mi")` → `"1536Mi"`. A plain number is written in `format`.
 */
export function formatQuantity(value: number | Quantity, format: QuantityFormat = "decimalSI"): string {
  const quantity = typeof value === "number" ? { nanos: nanosOf(value), format } : value;
  const { nanos } = quantity;
  if (nanos === 0n) return "0";
  const whole = nanos % NANO === 0n;
  const large = nanos >= 1024n * NANO || nanos <= -1024n * NANO;
  if (quantity.format === "binarySI" && whole && large) return binaryText(nanos / NANO);
  return decimalText(nanos, quantity.format === "decimalExponent");
}

/** The exact sum, in the format of the first that is not zero. */
export function addQuantities(...texts: readonly string[]): string {
  const terms = texts.map(readQuantity);
  const format = terms.find((term) => term.nanos !== 0n)?.format ?? "decimalSI";
  return formatQuantity({ nanos: terms.reduce((sum, term) => sum + term.nanos, 0n), format });
}

/** The quantity times a number, e.g. a request times replicas; exact when `by` is whole, else rounded to nano away from zero. */
export function multiplyQuantity(text: string, by: number): string {
  const { nanos, format } = readQuantity(text);
  const product = nanos * nanosOf(by);
  return formatQuantity({ nanos: product < 0n ? -divideUp(-product, NANO) : divideUp(product, NANO), format });
}

/** Negative, zero or positive as the first is less than, equal to or more than the second, exactly. */
export function compareQuantities(a: string, b: string): number {
  const [first, second] = [readQuantity(a).nanos, readQuantity(b).nanos];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** An amount of something: a quantity that is not negative, as text. */
export const quantitySchema = named(
  z.string().refine((text) => isQuantity(text) && !text.startsWith("-")),
  QUANTITY_FORM,
);

interface Unit {
  readonly format: QuantityFormat;
  /** The power of ten. */
  readonly power: number;
  readonly factor: bigint;
}

function unitOf(suffix: string): Unit {
  const binary = (BINARY as readonly string[]).indexOf(suffix);
  if (binary >= 0) return { format: "binarySI", power: 0, factor: 1024n ** BigInt(binary + 1) };
  if (suffix in DECIMAL) return { format: "decimalSI", power: DECIMAL[suffix as keyof typeof DECIMAL], factor: 1n };
  return { format: "decimalExponent", power: Number(suffix.slice(1)), factor: 1n };
}

function binaryText(whole: bigint): string {
  let unit = 0;
  let rest = whole;
  while (unit < BINARY.length && rest % 1024n === 0n) {
    rest /= 1024n;
    unit += 1;
  }
  return `${rest}${unit === 0 ? "" : BINARY[unit - 1]}`;
}

function decimalText(nanos: bigint, asExponent: boolean): string {
  let power = -9;
  let rest = nanos;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    power += 3;
  }
  const suffix = Object.entries(DECIMAL).find(([, at]) => at === power)?.[0];
  if (asExponent || suffix === undefined) return power === 0 ? `${rest}` : `${rest}e${power}`;
  return `${rest}${suffix}`;
}

function numberOf(nanos: bigint): number {
  return nanos % NANO === 0n ? Number(nanos / NANO) : Number(nanos) / Number(NANO);
}

function nanosOf(value: number): bigint {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a quantity`);
  return Number.isInteger(value) ? BigInt(value) * NANO : readQuantity(String(value)).nanos;
}

/** Division of numbers that are not negative, rounded up. */
function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
