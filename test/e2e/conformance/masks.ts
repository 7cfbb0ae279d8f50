import type { ResourceGraph } from "../../../src/graph/model.js";
import { type Comparable, isPlain, type Json } from "./comparable.js";

/**
 * Names that the Kubernetes provider makes up have a random end, also in each preview of the real engine. Where the
 * graph marks a name as generated, both sides' names become one mark, wherever they stand: each side's own name is
 * taken from the resource that has it, and only when it has the provider's form.
 */
export function maskGeneratedNames(comparable: Comparable, graph: ResourceGraph): Comparable {
  const names = graph.nodes
    .filter(({ generated }) => generated?.includes("metadata.name"))
    .flatMap(({ urn, name }): [string, string][] => {
      const metadata = comparable[urn]?.inputs.metadata;
      const given = isPlain(metadata) ? metadata.name : undefined;
      const hasForm =
        typeof given === "string" && given.startsWith(`${name}-`) && /^[0-9a-f]{8}$/.test(given.slice(name.length + 1));
      return hasForm ? [[given, `${name}-(generated)`]] : [];
    });
  const mask = (value: Json): Json => {
    if (typeof value === "string") return names.reduce((text, [name, sign]) => text.replaceAll(name, sign), value);
    if (Array.isArray(value)) return value.map(mask);
    return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item)])) : value;
  };
  return names.length === 0 ? comparable : (mask(comparable as unknown as Json) as unknown as Comparable);
}
