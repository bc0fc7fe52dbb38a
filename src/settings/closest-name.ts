/**
 * The known name that most likely was meant, by edit distance; `undefined` where none is near.
 * Near means at most a third of the letters differ.
 */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance * 3 <= candidate.length)
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** For whoever wrote a name that nobody knows: the one that most likely was meant, else all that there are. */
export function nameHint(name: string, known: readonly string[]): string {
  const meant = closestName(name, known);
  return meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`;
}

/** Levenshtein distance: letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
