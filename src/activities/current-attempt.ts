import { CancelledFailure, Context } from '@temporalio/activity';
import { fitsSentRequest } from '../contract/payload-checks.js';
import type { SentRequest } from '../contract/refresh-activity.js';
import { HEARTBEAT_AT_ONCE_AGE_MS, HEARTBEAT_INTERVAL_MS } from '../policy/attempt-numbers.js';
import { countElapsed } from '../providers/wire/elapsed.js';
import {
  askedWaitMs,
  type AttemptClock,
  attemptClock,
  type ServerStart,
  waitedMs,
} from './attempt-clock.js';

/** One attempt of the activity as Temporal sees it. */
export interface Attempt {
  readonly clock: AttemptClock;
  /** When the server scheduled the attempt. */
  readonly scheduledAtMs: number;
  /**
   * How long it waited for this worker, in milliseconds by the server's clock; `clock` is late by this. `undefined` if
   * the server does not say. Never rejects.
   */
  waitedMs(serverStart: ServerStart): Promise<number | undefined>;
  /**
   * The server's time, in milliseconds since the epoch; by the later of both clocks if the server does not say how long the
   * attempt waited. Never rejects.
   */
  serverNow(serverStart: ServerStart): Promise<number>;
  /**
   * Milliseconds since the attempt began: by a monotonic clock, or by the wall clock where that says more, since only it goes on
   * while a machine is suspended.
   */
  ageMs(): number;
  /**
   * Names the execution of the activity, which all its attempts share. The run has no part in it: whoever may write to the
   * namespace can start another one, with the same recorded request.
   */
  readonly execution: string;
  /** The task queue that it came from. */
  readonly taskQueue: string;
  /** Attempts of this execution so far, this one included. */
  readonly number: number;
  /** The journal of the newest request of this execution that was reported as sent, by an earlier attempt or this one. */
  sentWithJournal(): string | undefined;
  /**
   * Runs what must not be cut: reports it as sent and ignores cancellation until it is over.
   * @param isNews whether another attempt could not learn of it from the journal. If so, it is reported before it
   *   begins; otherwise only if it lasts, since a report costs the server a write
   * @throws CancelledFailure when the attempt was cancelled before
   */
  uncut<Result>(sent: SentRequest, isNews: boolean, work: () => Promise<Result>): Promise<Result>;
}

/** The attempt that is being run. */
export function currentAttempt(): Attempt {
  const context = Context.current();
  const ageMs = countElapsed();
  const wallClockMs = Date.now();
  let sentWithJournal = reportedJournal(context.info.heartbeatDetails);
  const scheduledAtMs = context.info.currentAttemptScheduledTimestampMs;
  const clock = attemptClock(scheduledAtMs);
  let asked: Promise<number | undefined> | undefined;
  const waited: Attempt['waitedMs'] = (serverStart) =>
    (asked ??= waitedMs(scheduledAtMs, wallClockMs, serverStart));
  return {
    clock,
    scheduledAtMs,
    waitedMs: waited,
    serverNow: async (serverStart) => {
      const isBehind = wallClockMs < scheduledAtMs;
      const asking = isBehind ? askedWaitMs(scheduledAtMs, serverStart) : waited(serverStart);
      const forMs = await asking;
      return forMs === undefined ? Math.max(Date.now(), clock.now()) : clock.now() + forMs;
    },
    ageMs,
    execution: context.info.activityId,
    taskQueue: context.info.taskQueue,
    number: context.info.attempt,
    sentWithJournal: () => sentWithJournal,
    uncut: async (sent, isNews, work) => {
      if (context.cancellationSignal.aborted) {
        throw new CancelledFailure('cancelled before a request went out');
      }
      ({ sentWithJournal } = sent);
      // The first heartbeat is the one that survives a kill: a second within the interval may be lost.
      if (isNews || ageMs() > HEARTBEAT_AT_ONCE_AGE_MS) context.heartbeat(sent);
      const beat = setInterval(() => context.heartbeat(sent), HEARTBEAT_INTERVAL_MS);
      try {
        return await work();
      } finally {
        clearInterval(beat);
      }
    },
  };
}

function reportedJournal(heartbeat: unknown): string | undefined {
  return fitsSentRequest(heartbeat) ? heartbeat.sentWithJournal : undefined;
}
