/**
 * Whether a value carries the brand of one of Plinth's classes. A brand is `Symbol.for(…)`, so it holds across two
 * copies of the package, where `instanceof` does not.
 */
export function isBranded(value: unknown, brand: symbol): boolean {
  return typeof value === "object" && value !== null && brand in value;
}
