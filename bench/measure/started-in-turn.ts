import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts one after the other, each no sooner than its moment.
 * @param momentsMs when each is to be started, in milliseconds from now, in rising order
 */
export async function startedInTurn(
  momentsMs: readonly number[],
  start: (index: number) => Promise<unknown>,
): Promise<void> {
  const beganAt = performance.now();
  for (const [index, momentMs] of momentsMs.entries()) {
    await delay(Math.max(beganAt + momentMs - performance.now(), 0));
    await start(index);
  }
}
