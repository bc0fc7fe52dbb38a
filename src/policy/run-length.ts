import {
  RUN_HARD_MAX_MESSAGES,
  RUN_MAX_AGE_MS,
  RUN_MAX_EVENTS,
  RUN_MAX_MESSAGES,
  RUN_MAX_REFRESHES,
} from './keeper-numbers.js';

/** How far one run of a keeper has come. */
export interface RunFacts {
  readonly refreshes: number;
  readonly events: number;
  /** Signals and updates received. */
  readonly messages: number;
  readonly startedAtMs: number;
  readonly suggestedByServer: boolean;
}

/** Whether the run is long enough to continue as new at the next quiet moment. */
export function isRunLongEnough(run: RunFacts, nowMs: number): boolean {
  return (
    run.refreshes >= RUN_MAX_REFRESHES ||
    run.events >= RUN_MAX_EVENTS ||
    run.messages >= RUN_MAX_MESSAGES ||
    run.suggestedByServer ||
    nowMs >= runEndsAtMs(run)
  );
}

/** Whether the run must end although callers still wait: the server would refuse further updates. */
export function mustRunEnd(run: RunFacts): boolean {
  return run.messages >= RUN_HARD_MAX_MESSAGES;
}

/** When the run is over by age alone; sleeps are cut to it. */
export function runEndsAtMs(run: Pick<RunFacts, 'startedAtMs'>): number {
  return run.startedAtMs + RUN_MAX_AGE_MS;
}
