/** The keys of a finding's path: `spec.containers[0].limits["a/b"]` is spec, containers, 0, limits, a/b. The inverse of `pathOf`. */
export function keysOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(([, index, quoted, word]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? (word ?? "") : (JSON.parse(`"${quoted}"`) as string);
  });
}

/** The value at these keys of plain JSON; undefined when a key on the way is absent. */
export function plainAt(value: unknown, keys: readonly (string | number)[]): unknown {
  return keys.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}
