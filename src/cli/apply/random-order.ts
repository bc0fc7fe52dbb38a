/**
 * The items in another order each time. Each keeper that hangs holds a call for seconds, and often many of them follow one
 * another, as those of one deploy do: in the order of the file nothing behind them would be reached before patience is over.
 */
export function inRandomOrder<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
