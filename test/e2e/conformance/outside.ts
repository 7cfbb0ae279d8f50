import type { ResourceGraph } from "../../../src/graph/model.js";
import { asSet, type Comparable, type ComparableResource, propertySets } from "./comparable.js";

/**
 * The real engine's resources without those that a plugin or chart declares inside a closed component: the embedded
 * engine says of the component that its children are not shown. What waits for such a child still waits for the
 * component itself.
 */
export function withoutInsides(real: Comparable, graph: ResourceGraph): Comparable {
  const closed = new Set(graph.nodes.filter(({ opaque }) => opaque).map(({ urn }) => urn));
  const isInside = (urn: string): boolean => {
    const parent = real[urn]?.parent ?? "";
    return closed.has(parent) || (parent !== "" && isInside(parent));
  };
  const outside = (urns: readonly string[]): readonly string[] => asSet(urns.filter((urn) => !isInside(urn)));
  const trim = (resource: ComparableResource): ComparableResource => ({
    ...resource,
    dependencies: outside(resource.dependencies),
    propertyDependencies: propertySets(
      Object.fromEntries(Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, outside(urns)])),
    ),
  });
  const shown = Object.entries(real).filter(([urn]) => !isInside(urn));
  return Object.fromEntries(shown.map(([urn, resource]) => [urn, trim(resource)]));
}
