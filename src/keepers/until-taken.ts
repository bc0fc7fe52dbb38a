import { setTimeout as delay } from 'node:timers/promises';
import { QUERY_RETRY_MS, UPDATE_PATIENCE_MS } from './numbers.js';
import { isRefusedForNow } from './temporal-error.js';

/** Repeats an update that the server does not take yet because too many callers wait for the keeper. */
export async function untilTaken<T>(update: () => Promise<T>): Promise<T> {
  const takenByMs = Date.now() + UPDATE_PATIENCE_MS;
  for (;;) {
    try {
      return await update();
    } catch (error) {
      if (!isRefusedForNow(error) || Date.now() >= takenByMs) throw error;
    }
    await delay(QUERY_RETRY_MS);
  }
}
