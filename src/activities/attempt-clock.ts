import { performance } from 'node:perf_hooks';
import { WAIT_NOTICED_MS } from '../policy/attempt-numbers.js';

/** The Temporal server's time as one attempt knows it. */
export interface AttemptClock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * Asks the server when it started the attempt that is being run, in milliseconds by its clock;
 * `undefined` where it does not say.
 */
export type ServerStart = () => Promise<number | undefined>;

/**
 * How long an attempt waited for a worker, in milliseconds, by the server's word; `undefined` where the server does not
 * say. The attempt's clock runs late by that time. Here the worker's wall clock decides only whether the server is asked, so
 * that no wrong clock can lengthen a token's life or a wait.
 */
export async function waitedMs(
  scheduledAtMs: number,
  wallClockMs: number,
  serverStart: ServerStart,
): Promise<number | undefined> {
  return isWaitNoticed(scheduledAtMs, wallClockMs) ? askedWaitMs(scheduledAtMs, serverStart) : 0;
}

/** The same where the server is asked in any case: a wall clock that is behind hides a wait. */
export async function askedWaitMs(
  scheduledAtMs: number,
  serverStart: ServerStart,
): Promise<number | undefined> {
  const startedAtMs = await serverStart();
  return startedAtMs === undefined ? undefined : Math.max(startedAtMs - scheduledAtMs, 0);
}

/** Whether a wall clock makes it worth a call to ask the server. */
export function isWaitNoticed(scheduledAtMs: number, wallClockMs: number): boolean {
  return wallClockMs - scheduledAtMs >= WAIT_NOTICED_MS;
}

/**
 * A clock that starts when the server scheduled the attempt and goes on monotonically. The worker's wall clock has no
 * part in it. The clock runs late by the time that the attempt waited for a worker, so what it dates expires too early
 * rather than too late.
 */
export function attemptClock(currentAttemptScheduledTimestampMs: number): AttemptClock {
  const startedAt = performance.now();
  return {
    now: () => Math.floor(currentAttemptScheduledTimestampMs + performance.now() - startedAt),
  };
}
