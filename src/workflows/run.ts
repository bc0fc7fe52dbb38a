import { allHandlersFinished, workflowInfo } from '@temporalio/workflow';
import { isRunLongEnough, mustRunEnd, type RunFacts, runEndsAtMs } from '../policy/run-length.js';
import type { Keeper } from './keeper.js';

/** How far this run of the keeper has come. */
export function runFacts(keeper: Keeper): RunFacts {
  const info = workflowInfo();
  return {
    refreshes: keeper.refreshes,
    events: info.historyLength,
    messages: keeper.messages,
    startedAtMs: info.runStartTime.getTime(),
    suggestedByServer: info.continueAsNewSuggested,
  };
}

/**
 * Whether the run is long enough and can end: waiting callers finish first, unless there are so many that the server would
 * refuse more. What is cut short for the end of the run is cut for this alone. For a run that is only long enough, it would
 * begin again at once, in the same task and without end.
 */
export function mayContinueAsNew(keeper: Keeper, nowMs: number): boolean {
  const run = runFacts(keeper);
  return isRunLongEnough(run, nowMs) && (allHandlersFinished() || mustRunEnd(run));
}

/**
 * When a keeper without a refresh under way wakes by itself. A run that is long enough waits only for its callers: a timer for
 * its end would have no length.
 */
export function wakesAtMs(keeper: Keeper, nowMs: number): number {
  const run = runFacts(keeper);
  const { nextStartAtMs } = keeper;
  return isRunLongEnough(run, nowMs) ? nextStartAtMs : Math.min(nextStartAtMs, runEndsAtMs(run));
}
