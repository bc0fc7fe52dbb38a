import { RETRY_AFTER_MAX_MS } from './attempt-numbers.js';
import { httpDateMs } from './http-date.js';

const DELAY_SECONDS = /^\d+$/;

/**
 * Milliseconds to wait by a `Retry-After` header (RFC 9110, section 10.2.3), at most `RETRY_AFTER_MAX_MS`.
 * A date is measured against the answer's own `Date` header where it has one, so that no clock of ours counts.
 * Anything else than whole seconds or an HTTP date is ignored: `undefined`.
 */
export function retryAfterMs(
  header: string | undefined,
  dateHeader: string | undefined,
  nowMs: number,
): number | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  if (DELAY_SECONDS.test(value)) return capped(Number(value) * 1_000);
  const at = httpDateMs(value, nowMs);
  return at === undefined ? undefined : capped(at - (httpDateMs(dateHeader, nowMs) ?? nowMs));
}

function capped(ms: number): number {
  return Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS);
}
