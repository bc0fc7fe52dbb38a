import { performance } from 'node:perf_hooks';
import { CancelledFailure, Context } from '@temporalio/activity';
import { HEARTBEAT_INTERVAL_MS } from '../policy/numbers.js';
import { type AttemptClock, attemptClock, clockLagMs } from './attempt-clock.js';

const SENT = 'sent';

/** One attempt of the activity as Temporal sees it. */
export interface Attempt {
  readonly clock: AttemptClock;
  /** How late that clock may run, in milliseconds; for waits that must not end early. */
  readonly clockLagMs: number;
  /** Milliseconds since the attempt began, monotonic. */
  ageMs(): number;
  /** Attempts of this execution so far, this one included. */
  readonly number: number;
  /** An earlier attempt of this execution reported that its request went out. */
  readonly sentByHeartbeat: boolean;
  /**
   * Runs what must not be cut: reports it as sent and ignores cancellation until it is over.
   * @throws CancelledFailure when the attempt was cancelled before
   */
  uncut<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** The attempt that is being run. */
export function currentAttempt(): Attempt {
  const context = Context.current();
  const beganAt = performance.now();
  const scheduledAtMs = context.info.currentAttemptScheduledTimestampMs;
  return {
    clock: attemptClock(scheduledAtMs),
    clockLagMs: clockLagMs(scheduledAtMs, Date.now()),
    ageMs: () => performance.now() - beganAt,
    number: context.info.attempt,
    sentByHeartbeat: context.info.heartbeatDetails === SENT,
    uncut: async (work) => {
      if (context.cancellationSignal.aborted) {
        throw new CancelledFailure('cancelled before a request went out');
      }
      // The first heartbeat is the one that survives a kill: a second within the interval may be lost.
      context.heartbeat(SENT);
      const beat = setInterval(() => context.heartbeat(SENT), HEARTBEAT_INTERVAL_MS);
      try {
        return await work();
      } finally {
        clearInterval(beat);
      }
    },
  };
}
