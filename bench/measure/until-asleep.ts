import { setTimeout as delay } from 'node:timers/promises';
import { until } from './until.js';

/** Looks at those that are awake until none is, then waits until it is time. Rejects where they were not asleep by then. */
export async function untilAsleep(
  asleepByMs: number,
  ids: readonly string[],
  awakeOf: (ids: readonly string[]) => Promise<readonly string[]>,
): Promise<void> {
  let awake = ids;
  const areAsleep = async (): Promise<boolean> => {
    awake = await awakeOf(awake);
    return awake.length === 0;
  };
  await until(areAsleep, asleepByMs - Date.now());
  const leftMs = asleepByMs - Date.now();
  if (awake.length > 0 || leftMs < 0) {
    throw new Error(
      `not all were asleep in time; is the machine busy? [awake=${awake.length} lateMs=${Math.max(-leftMs, 0)}]`,
    );
  }
  await delay(leftMs);
}
