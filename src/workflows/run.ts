import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { RunFacts } from '../policy/run-length.js';
import type { Keeper } from './keeper.js';

/**
 * Id of an activity execution, unlike any other of the credential. Payloads are sealed for it, so an old result of the
 * same credential is no answer to it; the SDK's own ids begin at 1 in each run.
 */
export function uniqueActivityId(): string {
  return uuid4();
}

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
