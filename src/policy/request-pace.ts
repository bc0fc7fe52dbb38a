import { PACE_WAIT_MAX_MS } from './fleet-numbers.js';

/**
 * When the next request of a limited task queue goes out. The Temporal server may hand out at once what its limit allows
 * for a second; spread evenly, it also keeps a provider's limit, whose seconds begin at other moments.
 * @param lastAtMs when the request before goes or went out; absent for the first
 * @param limit requests a second
 */
export function pacedAtMs(lastAtMs: number | undefined, limit: number, nowMs: number): number {
  if (lastAtMs === undefined) return nowMs;
  const evenlyMs = Math.max(lastAtMs + 1_000 / limit, nowMs);
  return Math.min(evenlyMs, nowMs + PACE_WAIT_MAX_MS);
}
