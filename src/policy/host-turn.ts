import { RETRY_JITTER_SHARE } from './attempt-numbers.js';
import { REQUEST_NEWEST_WEIGHT, TURN_MAX_MS, TURN_MIN_MS } from './fleet-numbers.js';

/** What is known of a host that has no place left. */
export interface FullHost {
  /** Requests that may be open there at once. */
  readonly places: number;
  /** How long a request there lasts. */
  readonly usualMs: number;
  /** How long the oldest open request has lasted. */
  readonly oldestMs: number;
  /** Until when places have been promised to others that found it full. */
  readonly promisedUntilMs: number;
  /** 0 to 1. */
  readonly jitter: number;
}

/**
 * When an attempt that found its host full comes back. It comes after those that found it full before, so that together
 * they come no faster than places become free. A host that hangs is asked seldom, going by its oldest request.
 */
export function turnAtMs(host: FullHost, nowMs: number): number {
  const lastsMs = Math.max(host.usualMs, host.oldestMs);
  const promisedMs = Math.max(host.promisedUntilMs - nowMs, 0) + lastsMs / host.places;
  const mostMs = TURN_MAX_MS * (1 - host.jitter * RETRY_JITTER_SHARE);
  return nowMs + Math.min(Math.max(promisedMs, TURN_MIN_MS), mostMs);
}

/** How long requests at a host last, after one that lasted so long. */
export function usualMsAfter(usualMs: number, lastedMs: number): number {
  return usualMs + (lastedMs - usualMs) * REQUEST_NEWEST_WEIGHT;
}
