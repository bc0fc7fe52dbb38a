/** What several values of one thing amount to. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Median, least and greatest; of no values all are NaN. */
export function summary(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), low: quantile(values, 0), high: quantile(values, 1) };
}

/** The value below which this share of the values lies, interpolated; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** How well one order follows another, from -1 to 1 (Spearman); NaN of fewer than two pairs. */
export function rankCorrelation(pairs: readonly (readonly [number, number])[]): number {
  const left = ranks(pairs.map(([value]) => value));
  const right = ranks(pairs.map(([, value]) => value));
  const mean = (pairs.length - 1) / 2;
  let both = 0;
  let leftOnly = 0;
  let rightOnly = 0;
  for (const [index, rank] of left.entries()) {
    const leftOff = rank - mean;
    const rightOff = (right[index] ?? Number.NaN) - mean;
    both += leftOff * rightOff;
    leftOnly += leftOff ** 2;
    rightOnly += rightOff ** 2;
  }
  return both / Math.sqrt(leftOnly * rightOnly);
}

/** Position of each value among all; equal ones share the mean of theirs. */
function ranks(values: readonly number[]): readonly number[] {
  const positions = new Map<number, number[]>();
  [...values]
    .sort((left, right) => left - right)
    .forEach((value, position) => {
      positions.set(value, [...(positions.get(value) ?? []), position]);
    });
  return values.map((value) => {
    const shared = positions.get(value) ?? [];
    return shared.reduce((sum, position) => sum + position, 0) / shared.length;
  });
}
