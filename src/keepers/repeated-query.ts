import { setTimeout as delay } from 'node:timers/promises';
import { QUERY_FAILURES_REPEATED, QUERY_RETRY_MS } from './numbers.js';
import { isQueryFailed, isQueryRefusedForNow } from './query-error.js';

/** How long a query is repeated. */
export interface Patience {
  readonly forMs: number;
  /** Whether to repeat it after this error, too. Default: never. */
  readonly isWorthRepeating?: (error: unknown) => boolean;
}

/**
 * Asks again while the server says that it cannot take the query yet. A query that failed on its worker is repeated too, but
 * not for long: it may have come at a bad moment (see `UntimelyActivations` of the workflows), or that worker may be unfit.
 */
export async function repeatedQuery<Answer>(
  ask: (deadlineAtMs: number) => Promise<Answer>,
  { forMs, isWorthRepeating = () => false }: Patience,
): Promise<Answer> {
  const deadlineAtMs = Date.now() + forMs;
  let failures = 0;
  for (;;) {
    try {
      return await ask(deadlineAtMs);
    } catch (error) {
      const hasFailed = isQueryFailed(error);
      if (hasFailed) failures += 1;
      const mayRepeat = hasFailed
        ? failures <= QUERY_FAILURES_REPEATED
        : isQueryRefusedForNow(error) || isWorthRepeating(error);
      if (!mayRepeat || Date.now() >= deadlineAtMs) throw error;
    }
    await delay(QUERY_RETRY_MS);
  }
}
