import { performance } from 'node:perf_hooks';

/** The Temporal server's time as one attempt knows it. */
export interface AttemptClock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * How long an attempt waited for a worker, in milliseconds, which is how late its clock may run. Only the worker's wall
 * clock tells, so whoever uses it must bound what a wrong one costs.
 */
export function waitedMs(currentAttemptScheduledTimestampMs: number, wallClockMs: number): number {
  return Math.max(wallClockMs - currentAttemptScheduledTimestampMs, 0);
}

/**
 * A clock that starts at the time at which the server scheduled the attempt and goes on monotonically.
 * The worker's wall clock has no part in it. It runs late by the time that the attempt waited for a worker,
 * so what it dates expires too early rather than too late.
 */
export function attemptClock(currentAttemptScheduledTimestampMs: number): AttemptClock {
  const startedAt = performance.now();
  return {
    now: () => Math.floor(currentAttemptScheduledTimestampMs + performance.now() - startedAt),
  };
}
