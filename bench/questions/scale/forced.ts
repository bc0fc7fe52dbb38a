import { setTimeout as delay } from 'node:timers/promises';
import { FORCED_SPACING_MS } from '../../../src/policy/keeper-numbers.js';
import type { KeeperFleet } from '../../fleet/keepers.js';
import { required } from '../../measure/until.js';
import type { BenchContext } from '../../question.js';

/** Forced refreshes at once where as many are made as can be: enough for several workers, and few enough that none waits long. */
export const FORCED_AT_ONCE = 40;
const FORCED_WARM_UP_MS = 120_000;

/** Refreshes that are forced one after another in each lane, by the grants that the provider saw. */
export async function forcedPerSecond(
  { provider }: BenchContext,
  fleet: KeeperFleet,
  windowMs: number,
): Promise<number> {
  await delay(FORCED_SPACING_MS);
  const tokens = await fleet.connect();
  let isOver = false;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const id = fleet.ids[next++ % fleet.ids.length] ?? '';
      // What is not granted is not counted.
      await tokens.refresh(id).catch(() => undefined);
    }
  };
  await provider.takeRequests();
  const lanes = Array.from({ length: FORCED_AT_ONCE }, lane);
  try {
    await required(
      `${FORCED_AT_ONCE} forced refreshes`,
      async () => (await provider.grantedCount()) >= FORCED_AT_ONCE,
      FORCED_WARM_UP_MS,
    );
    await provider.takeRequests();
    const startedAt = performance.now();
    await delay(windowMs);
    const granted = await provider.grantedCount();
    return granted / ((performance.now() - startedAt) / 1_000);
  } finally {
    isOver = true;
    await Promise.all(lanes);
    await tokens.close();
  }
}
