/** Whether lists and objects are nested deeper than so many levels. Without recursion: what a file nests has no bound. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  let level = new Set<object>(inside([value]));
  for (let depth = 1; level.size > 0; depth += 1) {
    if (depth > levels) return true;
    // A set, since YAML may name one object in many places.
    level = new Set([...level].flatMap((one) => inside(Object.values(one))));
  }
  return false;
}

function inside(values: readonly unknown[]): readonly object[] {
  return values.filter((value) => typeof value === 'object' && value !== null);
}
