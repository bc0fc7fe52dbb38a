import { QUERIES_AT_ONCE } from './numbers.js';

/** Does the work for each item, `QUERIES_AT_ONCE` at a time, and returns the results in the items' order. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const workOff = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: QUERIES_AT_ONCE }, workOff));
  return results;
}
