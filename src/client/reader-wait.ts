import { READER_WAIT_MS } from './numbers.js';
import { TokenError } from './token-error.js';

/** Ends a wait after `READER_WAIT_MS`, or when the caller's own signal fires. */
export async function withinReaderWait<T>(
  id: string,
  signal: AbortSignal | undefined,
  work: (ends: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(READER_WAIT_MS);
  try {
    return await work(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || error !== timeout.reason) throw error;
    const reason = 'no fresh token in time; ask again, or look at its status';
    throw new TokenError('NOT_FRESH_IN_TIME', id, reason);
  }
}
