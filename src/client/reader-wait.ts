import type { TokenFacts } from '../contract/credential.js';
import { READER_WAIT_MS } from './numbers.js';
import { onAbort } from './on-abort.js';
import { TokenError } from './token-error.js';
import type { Want } from './want.js';

/** Ends a wait after `waitMs`, or when the caller's own signal fires. If that has fired before, the work does not begin. */
export async function withinReaderWait<T>(
  id: string,
  signal: AbortSignal | undefined,
  work: (ends: AbortSignal) => Promise<T>,
  waitMs = READER_WAIT_MS,
): Promise<T> {
  signal?.throwIfAborted();
  const timeout = new AbortController();
  const reason = 'no fresh token in time; ask again, or look at its status';
  const timer = setTimeout(
    () => timeout.abort(new TokenError('NOT_FRESH_IN_TIME', id, reason)),
    waitMs,
  ).unref();
  // `AbortSignal.any` would leave something behind at the caller's signal, which may live as long as its process.
  const release = signal && onAbort(signal, () => timeout.abort(signal.reason));
  try {
    return await work(timeout.signal);
  } finally {
    clearTimeout(timer);
    release?.();
  }
}

/**
 * How long to wait for the successor of a token, in milliseconds. A caller that names no validity is served by any valid token,
 * so it gets this one while half of what is left of it is still to come.
 */
export function successorWaitMs(
  { minValidityMs }: Want,
  token: TokenFacts | undefined,
  nowMs: number,
): number {
  const leftMs = token === undefined ? 0 : token.expiresAtMs - nowMs;
  const mayServe = minValidityMs === undefined && leftMs > 0;
  return mayServe ? Math.min(leftMs / 2, READER_WAIT_MS) : READER_WAIT_MS;
}
