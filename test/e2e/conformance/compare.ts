import { type Comparable, isPlain, type Json, type Plain } from "./comparable.js";

/** One place in which the engines disagree; a side that has nothing there is undefined. */
export interface Disagreement {
  readonly urn: string;
  /** `type`, `inputs.metadata.name`, … ; empty when only one engine has the resource. */
  readonly field: string;
  readonly real: Json | undefined;
  readonly embedded: Json | undefined;
}

/** Every place in which two comparable forms differ, sorted by URN and field. */
export function compare(real: Comparable, embedded: Comparable): Disagreement[] {
  const urns = [...new Set([...Object.keys(real), ...Object.keys(embedded)])].sort();
  return urns.flatMap((urn) => {
    const [ours, theirs] = [embedded[urn], real[urn]] as unknown as [Plain | undefined, Plain | undefined];
    if (ours && theirs) return differences(theirs, ours, "").map((found) => ({ urn, ...found }));
    return [{ urn, field: "", real: theirs && "a resource", embedded: ours && "a resource" }];
  });
}

type Found = Omit<Disagreement, "urn">;

function differences(real: Json | undefined, embedded: Json | undefined, field: string): Found[] {
  if (isPlain(real) && isPlain(embedded) && real.$ === embedded.$) {
    const keys = [...new Set([...Object.keys(real), ...Object.keys(embedded)])].sort();
    return keys.flatMap((key) => differences(real[key], embedded[key], field === "" ? key : `${field}.${key}`));
  }
  if (Array.isArray(real) && Array.isArray(embedded) && real.length === embedded.length) {
    return real.flatMap((item: Json, index) => differences(item, embedded[index] as Json, `${field}[${index}]`));
  }
  return JSON.stringify(real) === JSON.stringify(embedded) ? [] : [{ field, real, embedded }];
}

/** For people: program, resource, field, and what each engine says. */
export function show(program: string, found: readonly Disagreement[]): string {
  const text = (value: Json | undefined): string => (value === undefined ? "nothing" : JSON.stringify(value));
  return found
    .map(
      ({ urn, field, real, embedded }) =>
        `${program}: ${urn}\n  ${field || "the resource"}\n    real:     ${text(real)}\n    embedded: ${text(embedded)}`,
    )
    .join("\n");
}
